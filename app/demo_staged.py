"""The staged models of the sample fleet: each lives its last weeks, file by file, each file at its own time.

They are built in a process of their own while the real data are taken in (`beside`): the two halves of the fleet
share the store and nothing else.
"""

import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryFile
from types import ModuleType
from typing import IO, TYPE_CHECKING

from app import actions
from app.demo_history import Say, VersionLog, at_start, land_actuals, land_predictions
from app.demo_people import DEVELOPER
from core.access.principal import LOCAL
from core.clock import Clock
from core.errors import BadInputError, CoreError
from core.jobs.child import leave_with_parent
from core.log.outcomes import LogRole
from core.store.database import Store, open_store

if TYPE_CHECKING:
    from sample_data.staging import Delivery

VERSION = "v1"
MODELS = ("credit-risk", "demand", "ticket-routing")
"""The models that are invented, each by its own generator in `sample_data`."""

START = "from app.demo_staged import main; main()"


def generators() -> Mapping[str, ModuleType]:
    """Return what invents the rows of each staged model."""
    from sample_data.credit_risk import generate as credit_risk
    from sample_data.demand import generate as demand
    from sample_data.ticket_routing import generate as ticket_routing

    return {"credit-risk": credit_risk, "demand": demand, "ticket-routing": ticket_routing}


def take_in_staged(store: Store, scratch: Path, say: Say, models: Sequence[str]) -> None:
    """Let models that are in the store already live their last weeks, then judge all of it at the store's clock."""
    invented = generators()
    for model in models:
        deliveries = begin(store, model, invented[model], scratch, say)
        say(f"{model} (staged): {len(deliveries)} files, each at its own time")
        for one in deliveries:
            deliver(replace(store, clock=Clock(one.at)), model, one)
        actions.refresh(store, LOCAL, model=model)
        say(f"{model} (staged): profiles and states")


def begin(store: Store, model: str, generator: ModuleType, scratch: Path, say: Say) -> Sequence["Delivery"]:
    """Add the version of a staged model with its reference; returns its files in the order they are handed over."""
    from sample_data.staging import FIRST_SERVED, write_deliveries, write_reference

    say(f"{model} (staged): inventing its rows")
    rows = generator.staged_rows()
    then, reference = at_start(store, FIRST_SERVED), write_reference(rows, scratch, model)
    actions.add_version(then, DEVELOPER, model=model, version=VERSION, artifact=None, reference=reference)
    return write_deliveries(rows, scratch, model)


def deliver(store: Store, model: str, delivery: "Delivery") -> None:
    """Land one file."""
    if delivery.kind == "actuals":
        land_actuals(store, model=model, file=delivery.file)
        return
    served = VersionLog(version=VERSION, role=LogRole.SERVED, files=())
    land_predictions(store, model=model, log_of=served, file=delivery.file)


@contextmanager
def beside(home: Path, scratch: Path, say: Say, models: Sequence[str]) -> Iterator[None]:
    """Build the staged models in a process of their own while the block runs; leave it when both are done.

    Raises
    ------
    BadInputError
        When the process could not build them, with what it said last.
    """
    if not models:
        yield
        return
    arguments = [sys.executable, "-P", "-c", START, str(home), str(scratch), *models]
    with (
        TemporaryFile() as errors,
        subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        try:
            telling = threading.Thread(target=_tell, args=(process.stdout, say))
            telling.start()
            yield
            telling.join()
            if process.wait():
                raise BadInputError(f"The staged models could not be built: {_last_line(errors)}")
        finally:
            process.kill()


def _tell(lines: IO[str], say: Say) -> None:
    for line in lines:
        say(line.rstrip())


def _last_line(written: IO[bytes]) -> str:
    written.seek(0)
    return written.read().decode(errors="replace").strip().rpartition("\n")[2]


def main() -> None:
    """Build the staged models named on the command line, after the store and a folder for their files."""
    leave_with_parent()
    home, scratch, *models = sys.argv[1:]
    store = open_store(Path(home))
    try:
        take_in_staged(store, Path(scratch), _say, models)
    except CoreError as error:
        sys.exit(str(error))
    finally:
        store.engine.dispose()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
