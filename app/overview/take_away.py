"""The overview as one page of HTML: no script, no request to anywhere, everything from users escaped."""

from html import escape

from app import words
from app.overview import findings, tiles
from app.overview.glossary import glossary
from app.overview.views import OverviewView, Story
from app.tiles import Tile

STYLE = """
body{font:15px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif;color:#0F172A;background:#fff;
max-width:52rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin:0 0 .25rem}h2{font-size:1.15rem;margin:2rem 0 .25rem}
p{margin:.4rem 0}small,.note{color:#5B6472}
table{border-collapse:collapse;width:100%;margin:.6rem 0}th,td{text-align:left;padding:.3rem .6rem .3rem 0;
border-bottom:1px solid #D8DDE5;vertical-align:top}th{font-weight:600;width:34%}
.healthy{color:#0B6E69}.warning{color:#8A5200}.critical{color:#B3261E}.not_applicable{color:#5B6472}
dt{font-weight:600;margin-top:.5rem}dd{margin:0}
@media print{body{margin:0}section{break-inside:avoid}}
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page_html(view: OverviewView) -> str:
    """Return the whole page; the same view gives the same bytes."""
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Watchroom, {escape(findings.PERIODS[view.every])}</title><style>{STYLE}</style></head><body>",
        f"<h1>{escape(findings.title(view))}</h1>",
        f"<p>{escape(findings.total_sentence(view))}</p>",
        f'<p class="note">{escape(_dated(view))}</p>',
        *(_section(one) for one in view.stories),
        _others(view),
        _words(),
        "</body></html>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _dated(view: OverviewView) -> str:
    clock = "sample data, the clock stands still at" if view.frozen else "as of"
    return f"Watchroom, {findings.PERIODS[view.every]}; {clock} {words.moment(view.as_of)}."


def _section(one: Story) -> str:
    state = one.attention.state
    staged = " · staged sample, invented data" if one.staged else ""
    rows = [
        (_label(tile), tile.value, ", ".join(filter(None, (tile.note, tile.note_more)))) for tile in tiles.tiles(one)
    ]
    body = "".join(
        f"<tr><th>{escape(label)}</th><td>{escape(value)}</td><td>{escape(note)}</td></tr>"
        for label, value, note in rows
    )
    body += "".join(
        f'<tr><th>{escape(name)}</th><td colspan="2">{escape(told)}</td></tr>' for name, told in assumptions(one)
    )
    return (
        f"<section><h2>{escape(one.model)} "
        f'<small class="{state.value}">{escape(words.state(state))}{escape(staged)}</small></h2>'
        f"<p>{escape(' '.join(findings.sentences(one)))}</p><table>{body}</table></section>"
    )


def _label(tile: Tile) -> str:
    """Return the label of a tile without the marks that keep Streamlit from reading it as markup."""
    return tile.label.replace("\\", "").replace(words.JOINER, "")


def assumptions(one: Story) -> list[tuple[str, str]]:
    """Return what the amounts of a model rest on: baseline, values and their source, rows, coverage, data version."""
    found = [("period", findings.named_period(one)), ("owner", one.owner)]
    if one.worth is not None:
        unit = " of the amount" if one.worth.kind == "per_amount" else f" {one.worth.currency}"
        per = " per unit" if one.worth.kind == "error" else f" per {one.words['row']}"
        per = "" if one.worth.kind == "per_amount" else per
        values = ", ".join(
            f"{NAMES[name]} {words.signed(format(worth, 'g'))}{unit}{per}" for name, worth in one.worth.values.items()
        )
        found += [
            ("compared with", findings.baseline_words(one)),
            ("assumptions", f"{glossary().sources[one.worth.source]}: {values}"),
            ("range against that", words.money_within(one.versus.low, one.versus.high, one.worth.currency)),
            ("summed over", words.plural(one.versus.n, one.words["row"], one.words["rows"])),
        ]
    if one.provenance_id:
        found.append(("data version", one.provenance_id))
    return found


NAMES = {
    "tp": "rightly decided",
    "fp": "wrongly decided",
    "fn": "wrongly left",
    "tn": "rightly left",
    "cost_over": "too high costs",
    "cost_under": "too low costs",
}


def _others(view: OverviewView) -> str:
    if not view.others:
        return ""
    return f'<p class="note">Not on this page: {escape(words.enumerate_names(list(view.others), 20))}.</p>'


def _words() -> str:
    terms = "".join(f"<dt>{escape(term)}</dt><dd>{escape(glossary().meaning(term))}</dd>" for term in glossary().terms)
    return f"<section><h2>What the words mean</h2><dl>{terms}</dl></section>"
