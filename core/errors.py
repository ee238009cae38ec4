"""Errors a person can act on: each message says what is wrong, where, and what to do."""


class CoreError(Exception):
    """Base of every error that Watchroom raises on purpose.

    The message is one sentence for a person; the command line prints it and exits with 2.
    """


class BadInputError(CoreError):
    """A file, option or setting cannot be used as given."""


class NotFoundError(BadInputError):
    """The named model, version, batch or person does not exist."""


class NotEnoughDataError(CoreError):
    """A number cannot be computed; the message is the reason shown beside "not applicable"."""


class RefusedError(CoreError):
    """A decision was refused by the rules: the command line exits with 1.

    Parameters
    ----------
    code : str
        Stable code, e.g. ``not_allowed`` or ``illegal_move``.
    why : str
        One sentence for the person who asked.
    """

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code
        self.why = why
        self.recorded = False
        """Whether the audit chain was told of it (`core.audit.service.refusals_recorded`)."""


class ConflictError(CoreError):
    """Somebody else changed the same thing first; read again and repeat."""


class BusyError(ConflictError):
    """Another process has been writing to the store for longer than anybody should wait."""
