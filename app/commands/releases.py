"""release: request, decide, carry out, take back."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.options import As, Home, Json, Model, answer, opened, progress, table

if TYPE_CHECKING:
    from core.releases.release import Condition, Release
    from core.releases.service import ReleaseSummary
    from core.store.database import Store

Number = Annotated[int, typer.Argument(metavar="ID", help="Number of the release.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, in a sentence that a reader understands in a year.")]
MaybeReason = Annotated[str, typer.Option("--reason", help="Why, in a sentence.")]


def register(program: typer.Typer) -> None:
    """Add these commands to the program."""
    release = typer.Typer(help="Releases: request, evidence, decision, rollout, rollback.", no_args_is_help=True)
    for name, command in (
        ("request", request),
        ("list", list_releases),
        ("show", show),
        ("gates", gates),
        ("approve", approve),
        ("changes", changes),
        ("reject", reject),
        ("cancel", cancel),
        ("resubmit", resubmit),
        ("accept", accept),
        ("break-glass", break_glass),
        ("execute", execute),
        ("ack", ack),
        ("advance", advance),
        ("rollback", rollback),
        ("drill", drill),
    ):
        release.command(name)(command)
    program.add_typer(release, name="release")


def request(
    model: Model,
    version: Annotated[str, typer.Argument(help="Name of the version that shall go live.")],
    plan: Annotated[Path | None, typer.Option("--plan", help="YAML file: steps: [{kind, share, days}…].")] = None,
    reason: MaybeReason = "",
    home: Home = None,
    as_name: As = None,
    as_json: Json = False,
) -> None:
    """Ask for a version to go live in the place of the champion, and gather the evidence."""
    from app import releasing

    steps = releasing.read_plan(plan)
    store, principal = opened(home, as_name)
    made = releasing.request(store, principal, model=model, version=version, plan=steps, reason=reason, say=progress)
    _tell(store, made, as_json=as_json)


def list_releases(
    model: Annotated[str | None, typer.Option("--model", help="Only of this model.")] = None,
    home: Home = None,
    as_name: As = None,
    as_json: Json = False,
) -> None:
    """List the releases, newest first."""
    from core.releases.service import releases

    store, _ = opened(home, as_name)
    found = releases(store, model=model)
    rows = [
        [
            s.release.id,
            s.release.model,
            s.release.version,
            s.release.state.value,
            _quorum(s),
            (s.release.digest or "")[:12],
        ]
        for s in found
    ]
    lines = table(rows, ["id", "model", "version", "state", "approvals", "evidence"]) if rows else ["No release yet."]
    answer({"releases": [_document(summary) for summary in found]}, lines, as_json=as_json)


def show(
    release_id: Number,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the dossier: HTML page, JSON and packed profiles.")
    ] = None,
    home: Home = None,
    as_name: As = None,
    as_json: Json = False,
) -> None:
    """Show a release with its gates, its evidence and what was decided; with --out take its dossier away."""
    from app import releasing
    from app.commands.release_documents import detail_document, detail_lines

    store, principal = opened(home, as_name)
    detail = releasing.dossier(store, principal, release_id)
    files = [str(file) for file in releasing.take_away(store, detail, out)] if out else []
    document = {**_document(detail.summary), **detail_document(detail), "files": files}
    answer(document, files or detail_lines(detail), as_json=as_json)


def gates(release_id: Number, home: Home = None, as_name: As = None, as_json: Json = False) -> None:
    """Show what the gates say, with number, limit, interval and n."""
    from app import releasing
    from app.commands.release_documents import gate_lines, gates_of

    store, principal = opened(home, as_name)
    detail = releasing.dossier(store, principal, release_id)
    found = gates_of(detail)
    document = {"release": release_id, "digest": detail.release.digest, "gates": found}
    answer(document, gate_lines(found), as_json=as_json)


def approve(
    release_id: Number,
    digest: Annotated[str, typer.Option("--digest", help="Of the evidence that you read (release show).")],
    reason: Reason,
    note: Annotated[
        list[str] | None, typer.Option("--note", help="GATE=TEXT: what you say of a gate that did not pass.")
    ] = None,
    condition: Annotated[
        list[str] | None, typer.Option("--condition", help="What you ask for in return; with --owner and --due.")
    ] = None,
    owner: Annotated[list[str] | None, typer.Option("--owner", help="Who meets the condition.")] = None,
    due: Annotated[list[str] | None, typer.Option("--due", help="By which day (YYYY-MM-DD).")] = None,
    home: Home = None,
    as_name: As = None,
    as_json: Json = False,
) -> None:
    """Approve a release, also with conditions."""
    from core.releases.deciding import service as deciding

    notes, conditions = _notes(note or []), _conditions(condition or [], owner or [], due or [])
    store, principal = opened(home, as_name)
    done = deciding.approve(
        store, principal, release_id, digest=digest, reason=reason, notes=notes, conditions=conditions
    )
    _tell(store, done, as_json=as_json)


def changes(release_id: Number, reason: Reason, home: Home = None, as_name: As = None, as_json: Json = False) -> None:
    """Send a release back to whoever asked for it."""
    from core.releases.deciding import service as deciding

    store, principal = opened(home, as_name)
    _tell(store, deciding.ask_changes(store, principal, release_id, reason=reason), as_json=as_json)


def reject(release_id: Number, reason: Reason, home: Home = None, as_name: As = None, as_json: Json = False) -> None:
    """Refuse a release for good."""
    from core.releases.deciding import service as deciding

    store, principal = opened(home, as_name)
    _tell(store, deciding.reject(store, principal, release_id, reason=reason), as_json=as_json)


def cancel(release_id: Number, reason: Reason, home: Home = None, as_name: As = None, as_json: Json = False) -> None:
    """Withdraw a release."""
    from core.releases.requesting import service as requesting

    store, principal = opened(home, as_name)
    _tell(store, requesting.cancel(store, principal, release_id, reason=reason), as_json=as_json)


def resubmit(
    release_id: Number, reason: MaybeReason = "", home: Home = None, as_name: As = None, as_json: Json = False
) -> None:
    """Submit a draft, a blocked or a stale release again, with new evidence."""
    from app import releasing

    store, principal = opened(home, as_name)
    _tell(store, releasing.resubmit(store, principal, release_id, reason=reason, say=progress), as_json=as_json)


def accept(release_id: Number, reason: Reason, home: Home = None, as_name: As = None, as_json: Json = False) -> None:
    """Accept, as a validator, what the gates could not judge."""
    from core.releases.judging import service as judging

    store, principal = opened(home, as_name)
    _tell(store, judging.accept(store, principal, release_id, reason=reason), as_json=as_json)


def break_glass(
    release_id: Number, reason: Reason, home: Home = None, as_name: As = None, as_json: Json = False
) -> None:
    """Put a blocked release to the vote all the same; it is reviewed afterwards."""
    from core.releases.judging import service as judging

    store, principal = opened(home, as_name)
    _tell(store, judging.break_glass(store, principal, release_id, reason=reason), as_json=as_json)


def execute(release_id: Number, home: Home = None, as_name: As = None, as_json: Json = False) -> None:
    """Have the executor carry out an approved release."""
    from app import releasing

    store, principal = opened(home, as_name)
    _tell(store, releasing.execute(store, principal, release_id, say=progress), as_json=as_json)


def ack(
    release_id: Number,
    failed: Annotated[bool, typer.Option("--failed", help="It did not happen; --reason says what you saw.")] = False,
    event: Annotated[
        str | None, typer.Option("--event", help="The event that the executor was sent; else what is awaited now.")
    ] = None,
    reason: MaybeReason = "",
    home: Home = None,
    as_name: As = None,
    as_json: Json = False,
) -> None:
    """Say, on the executor's behalf, that what was asked for is done, or with --failed that it is not.

    With --event a word about an event after which another was sent changes nothing.
    """
    from app import releasing

    store, principal = opened(home, as_name)
    tell = releasing.say_failed if failed else releasing.acknowledge
    told = tell(store, principal, release_id, event=event, reason=reason, say=progress)
    _tell(store, told, as_json=as_json)


def advance(release_id: Number, home: Home = None, as_name: As = None, as_json: Json = False) -> None:
    """Have the executor take the next step of the plan."""
    from app import releasing

    store, principal = opened(home, as_name)
    _tell(store, releasing.advance(store, principal, release_id, say=progress), as_json=as_json)


def rollback(
    model: Model,
    reason: Reason,
    to: Annotated[str | None, typer.Option("--to", help="An earlier live version; else the last one.")] = None,
    home: Home = None,
    as_name: As = None,
    as_json: Json = False,
) -> None:
    """Take a model back to an earlier live version: one person, at once, reviewed afterwards."""
    from app import releasing

    store, principal = opened(home, as_name)
    asked = releasing.take_back(store, principal, model=model, to=to, reason=reason, say=progress)
    _tell(store, asked, as_json=as_json)


def drill(model: Model, reason: MaybeReason = "", home: Home = None, as_name: As = None, as_json: Json = False) -> None:
    """Practise a rollback without moving traffic."""
    from app import releasing

    store, principal = opened(home, as_name)
    _tell(store, releasing.drill(store, principal, model=model, reason=reason, say=progress), as_json=as_json)


def _tell(store: "Store", release: "Release", *, as_json: bool) -> None:
    from core.releases.service import release_summary

    summary = release_summary(store, release.id)
    line = f"Release {release.id}: {release.model} {release.version} is {release.state.value}"
    why = f" ({release.why})" if release.why else ""
    lines = [f"{line}{why}."]
    if release.digest:
        lines.append(f"Evidence {release.digest}")
    answer(_document(summary), lines, as_json=as_json)


def _document(summary: "ReleaseSummary") -> dict[str, Any]:
    from app.commands.release_documents import summary_document

    return summary_document(summary)


def _quorum(summary: "ReleaseSummary") -> str:
    return f"{len(summary.rules) - len(summary.waits_for)} of {len(summary.rules)}"


def _notes(given: list[str]) -> dict[str, str]:
    from core.errors import BadInputError

    pairs = [text.partition("=") for text in given]
    for gate, equals, text in pairs:
        if not (gate.strip() and equals and text.strip()):
            raise BadInputError("A note is GATE=TEXT, for example --note 'fairness=the groups are too small to tell'.")
    return {gate.strip(): text.strip() for gate, _, text in pairs}


def _conditions(texts: list[str], owners: list[str], days: list[str]) -> "list[Condition]":
    from core.errors import BadInputError
    from core.releases.release import Condition

    if not len(texts) == len(owners) == len(days):
        raise BadInputError("Every --condition takes its own --owner and --due.")
    return [
        Condition(text=text, owner=owner, due=_day(day)) for text, owner, day in zip(texts, owners, days, strict=True)
    ]


def _day(text: str) -> date:
    from core.errors import BadInputError
    from core.log.names import shown

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInputError(f"--due is a day like 2026-12-31, got {shown(text)}.") from None
