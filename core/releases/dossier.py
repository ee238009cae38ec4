"""A release's frozen evidence to take away: one self-contained page of HTML, or the same as JSON."""

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from core.releases.dossier_parts import STYLE, bar, curve, number, outcome_words, rows_table, with_interval

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
CURVES = (("roc", "ROC"), ("pr", "Precision–recall"), ("reliability", "Reliability"))


def dossier_json(document: Mapping[str, Any]) -> str:
    """Return the frozen document as JSON, keys in order; the same document gives the same text."""
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def dossier_html(document: Mapping[str, Any], *, digest: str) -> str:
    """Return the frozen document as one page: no script, no request to anywhere, every text escaped.

    Parameters
    ----------
    digest : the evidence digest that approvals name
    """
    title = f"{document['model']} {document['version']}"
    champion = document.get("champion")
    aim = f"wants to replace {champion}" if champion else "wants to go live"
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>",
        f"<h1>{escape(title)} {escape(aim)}</h1>",
        _head(document, digest),
        *(_section(name, body) for name, body in _sections(document) if body),
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def _section(name: str, body: str) -> str:
    return f"<section><h2>{escape(name)}</h2>\n{body}</section>"


def _sections(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        ("What gets worse first", _worse(document.get("worse_first", ()))),
        ("Gates", _gates(document.get("gates", ()))),
        ("Gates that this tier does not ask for", _gates(document.get("further_gates", ()))),
        ("Champion and challenger", _metrics(document.get("metrics", ()))),
        ("Curves", _curves(document.get("curves", {}))),
        ("Segments", _segments(document)),
        ("Protected groups", _fairness(document.get("fairness", {}))),
        ("What moves the score", _importance(document.get("importance", {}))),
        ("What changed", _changed(document)),
        ("Open findings", _findings(document.get("findings", ()))),
        ("Model card", _card(document.get("card"))),
        ("Record", rows_table(("field", "entry"), _plain_rows(document.get("record", {})))),
        ("What can be worked out again", rows_table(("number", "from"), _plain_rows(document.get("recomputable", {})))),
    ]


def _plain_rows(held: Mapping[str, Any]) -> list[tuple[str, ...]]:
    return [(escape(str(name).replace("_", " ")), escape(_text(value))) for name, value in held.items()]


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_text(one)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_text(one) for one in value) or "none"
    return "none" if value is None else str(value)


def _head(document: Mapping[str, Any], digest: str) -> str:
    window, pairs = document.get("window") or {}, document.get("pairs") or {}
    policy = document.get("policy") or {}
    rows = [
        ("requested", f"by {document.get('requested_by')} at {document.get('requested_at')}: {document.get('reason')}"),
        ("tier and policy", f"{document.get('tier')}, {policy.get('name')}/{policy.get('version')}"),
        ("gathered", str(document.get("gathered_at"))),
        ("window", f"{window.get('start')} to {window.get('last')}, {window.get('units')} units"),
        ("same rows", _pairs_words(pairs)),
        ("evidence digest", digest),
        ("artefact", str(document.get("artifact_sha256"))),
        ("packed profiles", str(document.get("profiles_sha256"))),
    ]
    staged = '<p class="note">Staged sample: what is invented is marked so in the record.</p>'
    body = rows_table(("", ""), [(escape(name), escape(told)) for name, told in rows])
    return (staged if document.get("staged") else "") + body


def _pairs_words(pairs: Mapping[str, Any]) -> str:
    if not pairs:
        return "no champion to compare with"
    known = (
        f"{pairs['joined']:,} scored by both, {pairs['known']:,} with a known actual, {pairs['compared']:,} compared"
    )
    told = ", ".join(
        f"{one['known'] / one['n']:.1%} of the rows decided {one['decision']}" for one in pairs["coverage"] if one["n"]
    )
    return f"{known}; actuals known of {told}" if told else known


def _worse(found: Sequence[Mapping[str, Any]]) -> str:
    if not found:
        return "<p>Nothing that was compared is worse.</p>"
    rows = [
        (
            escape(str(one["what"])),
            with_interval(one["worse_by"], one["ci_low"], one["ci_high"]),
            number(one["limit"]),
            bar(one["worse_by"] / one["limit"] if one["limit"] else 0.0, bad=one["conclusive"]),
            "for sure" if one["conclusive"] else "may be chance",
            f"{one['n']:,}",
        )
        for one in found
    ]
    return rows_table(("figure", "worse by", "limit", "share of the limit", "", "n"), rows)


def _gates(found: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        (
            escape(str(one["gate"]).replace("_", " ")),
            outcome_words(str(one["outcome"])),
            escape(str(one["measure"])),
            with_interval(one["value"], one["ci_low"], one["ci_high"]),
            "" if one["limit"] is None else f"{escape(str(one['limit_kind']))} {number(one['limit'])}",
            "" if one["n"] is None else f"{one['n']:,}",
            escape(str(one["reason"])),
        )
        for one in found
    ]
    return rows_table(("gate", "outcome", "number", "value", "limit", "n", "why"), rows) if rows else ""


def _metrics(found: Sequence[Mapping[str, Any]]) -> str:
    rows = []
    for one in found:
        change = one.get("change") or {}
        sides = [_estimate(one.get(side)) for side in ("champion", "challenger")]
        told = with_interval(change.get("worse_by"), change.get("ci_low"), change.get("ci_high")) if change else ""
        rows.append((escape(str(one["metric"])), *sides, told, escape(str(change.get("method", "")))))
    return rows_table(("metric", "champion", "challenger", "worse by, same rows", "method"), rows) if rows else ""


def _estimate(one: Mapping[str, Any] | None) -> str:
    if one is None:
        return ""
    return (
        escape(str(one.get("reason"))) if one["value"] is None else with_interval(one["value"], one["low"], one["high"])
    )


def _curves(found: Mapping[str, Any]) -> str:
    drawn = []
    for name, words in CURVES:
        lines = [[_point(one) for one in (found.get(side) or {}).get(name, ())] for side in ("champion", "challenger")]
        if any(lines):
            drawn.append(f"<figure><figcaption>{escape(words)}</figcaption>{curve(lines[0], lines[1])}</figure>")
    key = '<p class="note">solid: challenger, dashed: champion</p>'
    return f'<div class="curves">{"".join(drawn)}</div>{key}' if drawn else ""


def _point(one: Any) -> tuple[float, float]:
    return (one["mean_score"], one["observed"]) if isinstance(one, Mapping) else (one[0], one[1])


def _segments(document: Mapping[str, Any]) -> str:
    search = document.get("segment_search")
    rows = [
        (
            escape(str(one["where"])),
            f"{one['n']:,}",
            number(one["champion"]),
            with_interval(one["harm"], one["least"], one["high"]),
            number(one["shown"]),
        )
        for one in document.get("segments", ())
    ]
    if not search or not rows:
        return ""
    told = (
        f"{search['searched']:,} segments searched by {search['loss']}; a growth of {search['detectable']:.4f} would "
        "be found in four of five segments of the middle size."
    )
    header = ("segment", "n", "champion", "grows by", "without the curse of the winner")
    return f'<p class="note">{escape(told)}</p>' + rows_table(header, rows)


def _fairness(found: Mapping[str, Any]) -> str:
    if found.get("why"):
        return f"<p>{escape(str(found['why']))}</p>"
    gaps = [
        (
            escape(str(one["column"])),
            escape(str(one["gap"]).replace("_", " ")),
            number(one["champion"]),
            number(one["challenger"]),
            escape(str(one["reason"])) or with_interval(one["worse_by"], one["ci_low"], one["ci_high"]),
            f"{one['n']:,}",
        )
        for one in found.get("gaps", ())
    ]
    body = rows_table(("column", "gap", "champion", "challenger", "grows by, same rows", "n"), gaps) if gaps else ""
    return body + "".join(_groups(one) for one in found.get("columns", ()))


def _groups(column: Mapping[str, Any]) -> str:
    rows: list[tuple[str, ...]] = []
    for one in column["groups"]:
        if one["withheld"]:
            rows.append((escape(str(one["group"])), "withheld", "", "", ""))
            continue
        for side in ("champion", "challenger"):
            rates = one[side] or {}
            told = [with_interval(*rates[name]) if name in rates else "" for name in ("selection_rate", "recall")]
            accused = with_interval(*rates["false_positive_rate"]) if "false_positive_rate" in rates else ""
            rows.append((escape(str(one["group"])), side, *told, accused))
    header = (escape(str(column["column"])), "", "selection rate", "recall", "false positive rate")
    return rows_table(header, rows)


def _importance(found: Mapping[str, Any]) -> str:
    whys = [
        f"<p>{side}: {escape(str(one['why']))}</p>"
        for side, one in found.items()
        if isinstance(one, Mapping) and one.get("why")
    ]
    shares = [{one["feature"]: one["share"] for one in (found.get(side) or {}).get("points", ())} for side in _SIDES]
    names = sorted({*shares[0], *shares[1]}, key=lambda name: -(shares[1].get(name) or shares[0].get(name) or 0.0))
    rows = [(escape(str(name)), *(_share_cell(of_side.get(name)) for of_side in shares)) for name in names]
    return "".join(whys) + (rows_table(("feature", "champion", "challenger"), rows) if rows else "")


_SIDES = ("champion", "challenger")


def _share_cell(share: float | None) -> str:
    return "" if share is None else f"{bar(share)} {share:.1%}"


def _changed(document: Mapping[str, Any]) -> str:
    changed = document.get("changed") or {}
    return rows_table(("what", "champion to challenger"), _plain_rows(changed)) if changed else ""


def _findings(found: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        tuple(escape(str(one.get(name, ""))) for name in ("id", "severity", "title", "owner", "due", "effect"))
        for one in found
        if one.get("effect") != "none"
    ]
    return rows_table(("id", "severity", "finding", "owner", "due", "effect"), rows) if rows else "<p>None.</p>"


def _card(card: Mapping[str, Any] | None) -> str:
    if card is None:
        return "<p>There is no model card.</p>"
    lacking = ", ".join(map(str, card["missing"])) or "nothing"
    told = f"<p>{card['completeness']:.0%} filled; missing: {escape(lacking)}</p>"
    return f"{told}<pre>{escape(str(card['markdown']))}</pre>"
