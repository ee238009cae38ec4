"""The newest entries of the audit chain, for tests of what is written down."""

from core.audit.chain import AuditEntry
from core.audit.service import about
from core.audit.sought import Sought
from core.store.database import Store


def newest(store: Store, *, n: int = 100) -> tuple[AuditEntry, ...]:
    """Return the last `n` entries, newest first."""
    return about(store, Sought(), n=n)
