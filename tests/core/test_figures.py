"""The shared look: tokens instead of colours, literal labels, marks in their order."""

import re
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path

from core import figures
from core.windows import Grain, parse_unit

ROOT = Path(__file__).parents[2]
DAYS = [date(2024, 1, 1), date(2024, 1, 2), date(2024, 1, 3)]


def test_tokens_are_the_ten_categorical_colours_of_both_themes():
    tokens = [
        figures.CURRENT,
        figures.REFERENCE,
        figures.CHALLENGER,
        figures.HEALTHY,
        figures.WARNING,
        figures.CRITICAL,
        figures.NO_DATA,
        figures.PALE,
        figures.INK,
        figures.GRID,
    ]
    assert tokens == [f"#0000{number:02d}" for number in range(1, 11)]
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"]
    for name in ("light", "dark"):
        assert len(theme[name]["chartCategoricalColors"]) == len(tokens)
        assert theme[name]["chartCategoricalColors"][5] == theme[name]["redColor"]


def test_faded_tokens_carry_two_digits_of_opacity():
    assert figures.faded(figures.CURRENT) == "#0000012E"
    assert figures.faded(figures.GRID, 1) == "#000010FF"


def test_text_in_a_figure_is_never_markup():
    assert figures.literal("<a href='http://x'>y</a>") == "&lt;a href='http://x'&gt;y&lt;/a&gt;"


def test_a_figure_can_be_made_without_streamlit():
    code = "import sys; from core import figures; figures.figure(); print('streamlit' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "False"


def test_a_band_goes_out_on_its_upper_end_and_back_on_its_lower():
    drawn = figures.figure()
    figures.band(drawn, DAYS, [1, 2, 3], [4, 5, 6], legend=False)
    assert list(drawn.data[0].y) == [4, 5, 6, 3, 2, 1]
    assert list(drawn.data[0].x) == [*DAYS, *reversed(DAYS)]
    assert drawn.data[0].fillcolor == "#0000012E"
    assert drawn.data[0].showlegend is False


def test_limits_are_dashed_and_named_right_of_the_plot_where_no_line_runs():
    drawn = figures.figure()
    levels = [figures.Level(value=0.25, name="critical <0.25>"), figures.Level(value=0.1, name="warning 0.10")]
    figures.limits(drawn, levels, axis=(0.0, 0.5))
    lower, upper = drawn.layout.annotations
    assert (upper.text, upper.x, upper.xref, upper.xanchor) == ("critical &lt;0.25&gt;", 1, "paper", "left")
    assert (lower.y, lower.yshift) == (0.1, 0)
    assert [shape.line.dash for shape in drawn.layout.shapes] == ["dash", "dash"]
    assert drawn.layout.margin.r > 60


def test_the_margin_holds_the_whole_name_of_a_limit():
    drawn = figures.figure()
    figures.limits(drawn, [figures.Level(value=0.01, name="warning 1 %")], axis=(0.0, 0.02))
    assert drawn.layout.margin.r >= 77  # measured in Chromium: 74 pixels with the gap, in the widest font of the stack


def test_a_legend_of_seven_entries_one_below_the_other_is_not_scrolled():
    legend = figures.pio.templates[figures.TEMPLATE].layout.legend
    assert legend.tracegroupgap == 0
    assert 300 * legend.maxheight >= 7 * 19  # pixels of the tallest plot on a phone and of an entry


def test_names_of_limits_that_nearly_touch_are_moved_apart():
    drawn = figures.figure()
    levels = [figures.Level(value=7.0, name="warning"), figures.Level(value=7.1, name="critical")]
    figures.limits(drawn, levels, axis=(0.0, 100.0))
    lower, upper = drawn.layout.annotations
    assert upper.yshift - lower.yshift >= figures.NAME_PIXELS - 1


def test_a_level_outside_the_axis_is_not_drawn():
    drawn = figures.figure()
    figures.limits(drawn, [figures.Level(value=2.0, name="critical")], axis=(0.0, 1.0))
    assert not drawn.layout.annotations
    assert not drawn.layout.shapes


def test_names_on_a_logarithmic_axis_stand_at_the_logarithm():
    drawn = figures.figure()
    figures.limits(drawn, [figures.Level(value=0.1, name="warning")], axis=(0.01, 10.0), logarithmic=True)
    assert drawn.layout.annotations[0].y == -1
    assert drawn.layout.shapes[0].y0 == 0.1


def test_an_event_stands_above_the_plot_at_its_day():
    drawn = figures.figure()
    figures.events(drawn, [(DAYS[0], "v2 released")], ends=(DAYS[0], DAYS[-1]))
    assert drawn.layout.annotations[0].text == "v2 released"
    assert drawn.layout.annotations[0].yref == "paper"
    assert drawn.layout.shapes[0].line.dash == "dot"


def test_events_of_one_day_share_one_label_and_one_line():
    drawn = figures.figure()
    figures.events(drawn, [(DAYS[1], "v2 live"), (DAYS[1], "contract 2")], ends=(DAYS[0], DAYS[-1]))
    assert [note.text for note in drawn.layout.annotations] == ["v2 live, contract 2"]
    assert len(drawn.layout.shapes) == 1


def test_volume_lies_behind_in_the_lower_quarter():
    drawn = figures.figure()
    figures.volume_behind(drawn, DAYS, [10, 20, 40])
    assert tuple(drawn.layout.yaxis2.range) == (0, 160)
    assert drawn.layout.yaxis.overlaying == "y2"
    empty = figures.figure()
    figures.volume_behind(empty, [], [])
    assert tuple(empty.layout.yaxis2.range) == (0, 4)


def test_only_figure_files_draw():
    wrong = [
        str(file.relative_to(ROOT))
        for file in (ROOT / "core").rglob("*.py")
        if file.name != "figures.py" and re.search(r"^\s*(import|from) plotly", file.read_text(), re.MULTILINE)
    ]
    assert wrong == []


def units(grain, *labels):
    return [parse_unit(label, grain) for label in labels]


def axis(grain, starts):
    drawn = figures.figure()
    drawn.add_scatter(x=figures.unit_places(starts, grain), y=[1.0] * len(starts))
    figures.unit_axis(drawn, starts, grain)
    return drawn


def test_slices_stand_at_their_numbers_under_words_that_say_they_are_no_dates():
    drawn = axis(Grain.BATCH, units(Grain.BATCH, *map(str, range(11, 41))))
    assert list(drawn.data[0].x) == list(range(11, 41))
    assert drawn.layout.xaxis.title.text == "slice (file order, not dates)"
    assert (drawn.layout.xaxis.type, drawn.layout.xaxis.dtick, drawn.layout.xaxis.tickformat) == ("linear", 5, "d")


def test_few_slices_have_no_ticks_between_them():
    assert axis(Grain.BATCH, units(Grain.BATCH, "3", "4")).layout.xaxis.dtick == 1


def test_years_are_labelled_by_year_and_only_once():
    drawn = axis(Grain.YEAR, units(Grain.YEAR, "2016", "2017", "2018"))
    assert (drawn.layout.xaxis.tickformat, drawn.layout.xaxis.dtick) == ("%Y", "M12")
    many = axis(Grain.YEAR, units(Grain.YEAR, "1950", "2020"))
    assert many.layout.xaxis.dtick == "M120"


def test_months_are_labelled_by_month():
    drawn = axis(Grain.MONTH, units(Grain.MONTH, "2013-11", "2013-12", "2014-01"))
    assert (drawn.layout.xaxis.tickformat, drawn.layout.xaxis.dtick) == ("%b %Y", "M1")


def test_days_keep_the_axis_of_the_house_and_nothing_is_laid_out_without_units():
    assert axis(Grain.DAY, DAYS).layout.xaxis.tickformat == "%-d %b"
    assert figures.figure().layout == axis(Grain.BATCH, []).layout


def test_a_stretch_reaches_half_a_window_beside_its_marks():
    slices = units(Grain.BATCH, "7", "8", "9")
    assert figures.unit_edges(slices, Grain.BATCH, [1, 2]) == (7.5, 9.5)
    first, last = figures.unit_edges(DAYS, Grain.DAY, [0])
    assert (first.isoformat(), last.isoformat()) == ("2023-12-31T12:00:00", "2024-01-01T12:00:00")


def test_ticks_and_titles_of_axes_have_the_readable_grey():
    drawn = figures.figure()
    for axis in (drawn.layout.xaxis, drawn.layout.yaxis):
        assert axis.tickfont.color == axis.title.font.color == figures.AXIS
