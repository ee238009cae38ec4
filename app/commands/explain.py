"""explain: which features move a version's scores, or the score of one row."""

from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.options import As, Home, Json, Model, answer, opened, progress, table

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.explain.explanation import Explanation
    from core.explain.row_explanation import RowExplanation

REPORT_FROM = 0.1


def register(program: typer.Typer) -> None:
    """Add this command to the program."""
    program.command("explain")(explain)


def explain(
    model: Model,
    version: Annotated[str, typer.Argument(help="Name of the version.")],
    row: Annotated[str | None, typer.Option("--row", help="Id of one prediction; else a sample of the window.")] = None,
    window: Annotated[str | None, typer.Option("--window", help="START..END, END exclusive.")] = None,
    segment: Annotated[str | None, typer.Option("--segment", help="COL=VALUE")] = None,
    of_class: Annotated[str, typer.Option("--class", help="Multiclass: the class whose score is explained.")] = "",
    home: Home = None,
    as_name: As = None,
    as_json: Json = False,
) -> None:
    """Print how much each feature moves the scores of a version (mean |SHAP|), or the score of one row (SHAP)."""
    from app.questions import query_of_job
    from core.explain import service

    store, principal = opened(home, as_name)
    query = query_of_job(store, {"model": model, "version": version, "window": window, "segment": segment})
    if row is not None:
        one = service.explain_row(store, principal, query, row, of_class=of_class, report=_teller())
        document = one.command_line(model=model, version=version)
        answer(document, [] if as_json else _row_lines(one), as_json=as_json)
        return
    found = service.explain(store, principal, query, of_class=of_class, report=_teller())
    answer(found.command_line(), [] if as_json else _lines(found), as_json=as_json)


def _teller() -> "Callable[[float, str], None]":
    """Return what says each new sentence of progress once, on the standard error."""
    said: list[str] = []

    def tell(_share: float, what: str) -> None:
        if what not in said:
            said.append(what)
            progress(what)

    return tell


def _lines(found: "Explanation") -> list[str]:
    kind = "approximate" if found.approximate else "exact"
    head = (
        f"{found.origin.model} {found.origin.version}, {found.origin.window}, {found.origin.rows}: mean |SHAP| of "
        f"{found.n:,} of {found.origin.n_rows:,} rows in {found.unit}, {kind} ({found.explainer})"
    )
    rows = [
        [one.feature, _number(one.value), f"[{_number(one.low)}, {_number(one.high)}]", one.n]
        for one in found.importance
    ]
    return [head, *table(rows, ["feature", "mean |SHAP|", "95 % interval", "n"])]


def _row_lines(one: "RowExplanation") -> list[str]:
    kind = "approximate" if one.approximate else "exact"
    head = (
        f"row {one.facts.id}: prediction {_number(one.prediction)}; base {_number(one.base)} + values = margin "
        f"{_number(one.margin)} {one.unit}, {kind} ({one.explainer})"
    )
    named = one.command_line(model="", version="")["points"]
    return [
        head,
        *table([[point["feature"], _number(point["value"])] for point in named], ["feature", "SHAP"]),
        *one.reasons,
    ]


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"
