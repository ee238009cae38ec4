"""metrics, check: the numbers and what the limits say of them."""

from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.options import As, Home, Json, Model, answer, opened, table

if TYPE_CHECKING:
    from core.access.principal import Principal
    from core.points import MetricPoint
    from core.selection import MetricQuery
    from core.store.database import Store


def register(program: typer.Typer) -> None:
    """Add these commands to the program."""
    program.command("metrics")(metrics)
    program.command("check")(check)


def metrics(
    model: Model,
    family: Annotated[
        str,
        typer.Option("--family", help="drift, performance, calibration, quality, service, impact, …"),
    ],
    version: Annotated[str | None, typer.Option("--version", help="Else the champion.")] = None,
    role: Annotated[str | None, typer.Option("--role", help="Else served and canary together.")] = None,
    window: Annotated[str | None, typer.Option("--window", help="START..END, END exclusive.")] = None,
    every: Annotated[str | None, typer.Option("--every", help="day, week, month, or the model's own grain.")] = None,
    reference: Annotated[
        str, typer.Option("--reference", help="training, previous, same_weekday or START..END.")
    ] = "training",
    segment: Annotated[str | None, typer.Option("--segment", help="COL=VALUE, or @NAME of a saved segment.")] = None,
    by: Annotated[str | None, typer.Option("--by", help="Every value of this column.")] = None,
    home: Home = None,
    as_name: As = None,
    as_json: Json = False,
) -> None:
    """Print a family of metrics, each with its interval, n and status."""
    from app import actions
    from app.questions import NAMES, metric_query
    from core.errors import BadInputError

    if family not in NAMES:
        raise BadInputError(f"The family '{family[:40]}' is not known in this version; use {', '.join(NAMES)}.")
    store, principal = opened(home, as_name)
    query = metric_query(
        store,
        model,
        version=version,
        role=role,
        window=window,
        every=every,
        reference=reference,
        segment=segment,
        by=by,
    )
    if family == "estimation":
        actions.fill_estimates(store, principal, model=model, version=query.version, role=query.role)
    shown_version, points = _points(store, principal, family, query)
    document = {
        "model": model,
        "version": shown_version,
        "family": family,
        "points": [point.document() for point in points],
    }
    answer(document, [] if as_json else _lines(points), as_json=as_json)


def _points(
    store: "Store", principal: "Principal", family: str, query: "MetricQuery"
) -> "tuple[str, tuple[MetricPoint, ...]]":
    from app.questions import answered

    found = answered(store, principal, family, query)
    return found.version, found.points


def _lines(points: "tuple[MetricPoint, ...]") -> list[str]:
    rows = []
    for point in points:
        value = "–" if point.value is None else f"{point.value:.4g}"
        interval = "" if point.ci_low is None or point.ci_high is None else f"[{point.ci_low:.4g}, {point.ci_high:.4g}]"
        where = ", ".join(f"{column}={level}" for column, level in point.segment.items())
        rows.append(
            [
                point.metric,
                point.feature or "",
                where,
                f"{point.window_start}..{point.window_end}",
                value,
                interval,
                f"{point.n:,.0f}",
                point.reason or "",
            ]
        )
    return table(rows, ["metric", "feature", "segment", "window", "value", "95 % interval", "n", "note"])


def check(
    model: Model,
    fail_on: Annotated[str, typer.Option("--fail-on", help="critical or warning.")] = "critical",
    home: Home = None,
    as_name: As = None,
    as_json: Json = False,
) -> int:
    """Judge the last closed window; exit code 1 when something is critical."""
    from app import actions
    from core.errors import BadInputError
    from core.inventory.service import model_detail
    from core.states import SEVERITY, State, worst
    from core.windows import label

    if fail_on not in ("critical", "warning"):
        raise BadInputError(f"--fail-on takes critical or warning, not '{fail_on[:40]}'.")
    store, principal = opened(home, as_name)
    verdicts = actions.check(store, principal, model=model)
    rows = [
        [v.state.value, v.check, v.feature or "", ", ".join(f"{c}={x}" for c, x in v.segment.items()), v.reason or ""]
        for v in sorted(verdicts, key=lambda v: -SEVERITY[v.state])
    ]
    grain = model_detail(store, model).schema.grain
    document = {
        "model": model,
        "verdicts": [v.document(start=label(v.window_start, grain), end=label(v.window_end, grain)) for v in verdicts],
    }
    answer(document, table(rows, ["state", "check", "feature", "segment", "reason"]), as_json=as_json)
    return int(SEVERITY[worst(v.state for v in verdicts)] >= SEVERITY[State(fail_on)])
