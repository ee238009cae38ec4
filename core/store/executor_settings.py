"""Reading and writing of the executor of a store."""

import json

from sqlalchemy.orm import Session

from core.executors.delivery import EMBEDDED
from core.executors.settings import WITHIN_MINUTES, ExecutorSettings
from core.store import settings
from core.store.release_facts import EXECUTOR_SETTING, executor_of

HOSTS = "executor_hosts"
WITHIN = "executor_within_minutes"


def executor_settings(session: Session) -> ExecutorSettings:
    """Return the executor of this store, the hosts it may reach, and the minutes to acknowledge."""
    hosts, within = settings.get(session, HOSTS), settings.get(session, WITHIN)
    return ExecutorSettings(
        executor=executor_of(session),
        hosts=tuple(json.loads(hosts)) if hosts else (),
        within_minutes=int(within) if within else WITHIN_MINUTES,
    )


def put_executor_settings(session: Session, wanted: ExecutorSettings) -> None:
    """Keep the executor of this store; what is usual is not kept."""
    settings.put(session, EXECUTOR_SETTING, None if wanted.executor == EMBEDDED else wanted.executor)
    settings.put(session, HOSTS, json.dumps(wanted.hosts) if wanted.hosts else None)
    settings.put(session, WITHIN, None if wanted.within_minutes == WITHIN_MINUTES else str(wanted.within_minutes))
