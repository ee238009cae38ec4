from core.releases.dossier_parts import bar, curve, outcome_words, rows_table, with_interval


def test_a_number_stands_with_its_interval_or_alone():
    assert with_interval(0.5, 0.25, 0.75) == "0.5000 [0.2500, 0.7500]"
    assert with_interval(12.0, None, None) == "12.0"
    assert with_interval(None, None, None) == "–"


def test_an_outcome_is_told_by_shape_and_word_too():
    assert outcome_words("inconclusive") == '<span class="inconclusive">◌ inconclusive</span>'


def test_a_bar_is_cut_off_at_twice_its_limit():
    assert 'width="60.0"' in bar(1.0)
    assert 'width="120.0"' in bar(50.0)
    assert 'width="0.0"' in bar(-1.0)


def test_two_lines_are_drawn_the_champions_dashed():
    drawn = curve([(0, 0), (1, 1)], [])
    assert drawn.count("<polyline") == 1
    assert "stroke-dasharray" in drawn


def test_a_table_without_headers_has_no_header_row():
    assert rows_table(("", ""), [("a", "b")]) == "<table><tr><td>a</td><td>b</td></tr></table>"
