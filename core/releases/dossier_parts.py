"""What a dossier's page is made of: tables, numbers with their intervals, small drawings."""

from collections.abc import Sequence
from html import escape

STYLE = """
body{font:15px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif;color:#0F172A;background:#fff;
max-width:72rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin:0 0 .5rem}h2{font-size:1.15rem;margin:2rem 0 .25rem}
.note,figcaption{color:#5B6472;font-size:.9rem}section{overflow-x:auto}
table{border-collapse:collapse;width:100%;margin:.6rem 0}th,td{text-align:left;padding:.3rem .6rem .3rem 0;
border-bottom:1px solid #D8DDE5;vertical-align:top;overflow-wrap:break-word}th{font-weight:600}
.pass{color:#0B6E69}.fail{color:#B3261E}.inconclusive{color:#8A5200}
.curves{display:flex;flex-wrap:wrap;gap:1rem}figure{margin:0}pre{white-space:pre-wrap;background:#F6F7F9;padding:1rem}
@media print{body{margin:0}section{break-inside:avoid}}
"""
MARKS = {"pass": "● pass", "fail": "■ fail", "inconclusive": "◌ inconclusive"}
SIZE, BAR = 220, 120
NOTHING = "–"


def number(value: float | None) -> str:
    """Return a number with the decimals that its size asks for; a dash where there is none.

    >>> number(0.0471), number(12.5), number(-1234.5), number(None), number(0.0)
    ('0.0471', '12.5', '-1,234', '–', '0')
    """
    if value is None:
        return NOTHING
    size = abs(value)
    if size == 0 or size >= 1000:
        return f"{value:,.0f}"
    return f"{value:,.1f}" if size >= 10 else f"{value:.4f}" if size < 1 else f"{value:.2f}"


def with_interval(value: float | None, low: float | None, high: float | None) -> str:
    """Return a number with its interval: ``0.81 [0.79, 0.83]``."""
    if value is None or low is None or high is None:
        return number(value)
    return f"{number(value)} [{number(low)}, {number(high)}]"


def outcome_words(outcome: str) -> str:
    """Return the outcome of a gate by shape, word and colour."""
    return f'<span class="{escape(outcome)}">{escape(MARKS.get(outcome, outcome))}</span>'


def rows_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table; the cells are markup that is escaped already."""
    head = "".join(f"<th>{cell}</th>" for cell in header) if any(header) else ""
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table>{f'<tr>{head}</tr>' if head else ''}{body}</table>"


def bar(share: float, *, bad: bool = False) -> str:
    """Return a bar of a share of 1, cut off at 2."""
    width = BAR * min(max(share, 0.0), 2.0) / 2
    colour = "#B3261E" if bad else "#5A6678"
    return (
        f'<svg width="{BAR}" height="10" role="img" aria-label="{share:.2f}">'
        f'<rect width="{width:.1f}" height="10" fill="{colour}"/>'
        f'<line x1="{BAR / 2}" x2="{BAR / 2}" y2="10" stroke="#0F172A"/></svg>'
    )


def curve(champion: Sequence[tuple[float, float]], challenger: Sequence[tuple[float, float]]) -> str:
    """Return two lines in the unit square, the champion's dashed."""
    lines = [
        _line(champion, "#5A6678", ' stroke-dasharray="4 3"'),
        _line(challenger, "#7C3AED", ""),
    ]
    frame = f'<rect width="{SIZE}" height="{SIZE}" fill="none" stroke="#D8DDE5"/>'
    label = "champion and challenger"
    return f'<svg width="{SIZE}" height="{SIZE}" role="img" aria-label="{label}">{frame}{"".join(lines)}</svg>'


def _line(points: Sequence[tuple[float, float]], colour: str, dashes: str) -> str:
    places = " ".join(f"{SIZE * x:.1f},{SIZE * (1 - y):.1f}" for x, y in points)
    return f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="1.5"{dashes}/>' if places else ""
