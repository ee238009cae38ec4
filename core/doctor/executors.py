"""What is wrong with the executor of a store: rules over its settings and the secret of this process."""

from collections.abc import Iterator

from core.doctor.findings import Finding, Severity
from core.executors.settings import ExecutorSettings, fault
from core.executors.signature import SECRET_VARIABLE, secret_fault


def executor_findings(settings: ExecutorSettings, secret: bytes | None, *, waiting: int) -> Iterator[Finding]:
    """Yield findings about the webhook: its address, its secret, and how many deliveries failed and are repeated."""
    if not settings.is_webhook:
        return
    why = fault(settings)
    if why is not None:
        yield Finding(
            code="executor_unusable",
            severity=Severity.ERROR,
            what=f"Releases cannot be delivered: {why}",
            fix="Set the executor anew, with an https address and its host among the allowed ones.",
        )
    unsigned = secret_fault(secret)
    if unsigned is not None:
        yield Finding(
            code="webhook_secret_short" if secret else "webhook_secret_missing",
            severity=Severity.ERROR,
            what=f"Releases are delivered by a webhook and cannot be signed: {unsigned}.",
            fix=f"Set {SECRET_VARIABLE} to a random secret of at least 32 bytes where the worker and this command run.",
        )
    if waiting:
        yield Finding(
            code="deliveries_waiting",
            severity=Severity.WARNING,
            what=f"{waiting} deliveries to the executor failed and are being repeated.",
            fix="Look at the release for the last error; it becomes UNKNOWN when no acknowledgement comes in time.",
        )
