"""What a person reads when the database of a store cannot be used, whatever kind of database it is."""

BUSY_SECONDS = 10
"""How long a writer waits for the writer before it."""


def busy(where: str) -> str:
    """Return what is said when other writers held a store for too long."""
    return f"The store {where} has been busy for {BUSY_SECONDS} seconds with another program's work; try again."


def cannot_use(where: str, why: str) -> str:
    """Return what is said when a store cannot be opened, read or written; `why` ends with what to do."""
    return f"The store {where} cannot be used: {why}."
