"""Every page on a filled, an empty, a missing and a damaged store."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import method, navigation, words
from tests.pages.made_up import HOSTILE, run

ROOT = Path(__file__).parents[2]
URLS = [entry[2] for entries in navigation.SECTIONS.values() for entry in entries]
ABOUT_MODELS = [url for url in URLS if url not in ("method", "overview", "audit")]
NO_TABLE_HERE = ("segments", "explain", "attribution", "fairness", "releases", "dossier", "findings")
"""Pages whose table the filled store cannot give: long work that was not done, actuals of its last day, a protected
column, a release, a finding. Each says so."""

FILES = {entry[2]: entry[0] for entries in navigation.SECTIONS.values() for entry in entries}
PATIENCE_SECONDS = 60


def opened(home: Path, url: str, monkeypatch: pytest.MonkeyPatch, **query: str) -> AppTest:
    monkeypatch.setenv("WATCHROOM_HOME", str(home))
    at = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=PATIENCE_SECONDS)
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    if url != navigation.home_of(navigation.DEFAULT_VIEW):
        at.switch_page(f"../pages/{FILES[url]}").run()
    return at


@pytest.mark.parametrize("url", ABOUT_MODELS)
def test_a_page_of_a_filled_store_has_a_finding_as_its_title(url, filled_home, monkeypatch):
    at = opened(filled_home, url, monkeypatch)
    assert not at.exception
    assert len(at.title) == 1
    assert at.title[0].value not in ("Fleet", "Drift")
    assert at.dataframe or at.table or url in NO_TABLE_HERE


@pytest.mark.parametrize("url", ABOUT_MODELS)
def test_a_page_of_an_empty_store_shows_how_to_begin(url, bare_home, monkeypatch):
    at = opened(bare_home, url, monkeypatch)
    assert not at.exception
    assert len(at.title) == 1
    assert len(at.code) == 3
    assert not at.dataframe


@pytest.mark.parametrize("url", URLS)
def test_without_a_store_the_commands_to_go_on_are_shown(url, tmp_path, monkeypatch):
    at = opened(tmp_path / "nothing here", navigation.home_of(navigation.DEFAULT_VIEW), monkeypatch)
    assert not at.exception
    assert at.title[0].value == "The store cannot be opened"
    assert any("watchroom init" in shown.value for shown in at.code)


def test_a_damaged_store_is_a_sentence_and_no_traceback(bare_home, monkeypatch):
    for file in bare_home.glob("state.db*"):
        file.write_bytes(b"not a database at all" * 400)
    at = opened(bare_home, navigation.home_of(navigation.DEFAULT_VIEW), monkeypatch)
    assert not at.exception
    assert at.title[0].value == "The store cannot be opened"


def test_the_fleet_names_the_model_its_cause_and_the_day(filled_home, monkeypatch):
    at = opened(filled_home, "fleet", monkeypatch)
    assert at.title[0].value == "made\\-up\\-delay needs attention"
    row = at.dataframe[0].value.iloc[0]
    assert row["model"] == "made-up-delay"
    assert row["why"].startswith("wind drifted")
    assert "17 Mar" in row["why"]
    assert row["drift"] == "■"
    assert row["value"].startswith("AUC 0.7")
    tiles = {tile.label: tile.value for tile in at.metric}
    assert tiles["predictions, last day"] == "220"


def test_drift_ranks_the_shifted_feature_first_and_leaves_the_season_alone(filled_home, monkeypatch):
    at = opened(filled_home, "drift", monkeypatch)
    assert at.title[0].value == "Drift in 1 of 5 features: wind"
    shown = at.dataframe[0].value.set_index("feature")
    assert shown.index[0] == "wind"
    assert shown.loc["wind", "state"][0] == "■ critical"
    assert shown.loc["wind", "since"] == "17 Mar"
    assert shown.loc["temp", "state"][0] == "● healthy"
    assert shown.loc["temp", "note"] == "vs 28 days before"


@pytest.mark.parametrize("window", ["1d", "7d", "28d", "2024-02-20..2024-02-27"])
@pytest.mark.parametrize("reference", ["training", "previous", "same_weekday"])
@pytest.mark.parametrize("segment", ["all", "place=north"])
def test_every_choice_of_the_header_can_be_shown(window, reference, segment, filled_home, monkeypatch):
    at = opened(filled_home, "drift", monkeypatch, window=window, reference=reference, segment=segment)
    assert not at.exception
    assert at.selectbox(key="window").value == window
    assert at.selectbox(key="reference").value == reference
    assert at.selectbox(key="segment").value == segment
    assert at.title[0].value.startswith(("Drift in", "No drift", "Drift cannot"))


def test_a_window_without_rows_is_explained(filled_home, monkeypatch):
    at = opened(filled_home, "drift", monkeypatch, window="2023-01-01..2023-01-02")
    assert not at.exception
    assert at.title[0].value.startswith(("Drift cannot", "No drift"))


def test_a_hostile_feature_name_is_shown_as_it_is(filled_home, monkeypatch):
    at = opened(filled_home, "drift", monkeypatch, feature=HOSTILE)
    assert not at.exception
    assert at.subheader[0].value == words.plain(HOSTILE)


def answered(home: Path, capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    capsys.readouterr()
    run(home, [*words, "--json"])
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("window", "asked"),
    [("1d", ()), ("7d", ("--window", "2024-03-16..2024-03-23")), ("28d", ("--window", "2024-02-24..2024-03-23"))],
)
def test_the_drift_page_shows_the_numbers_of_the_command_line(window, asked, filled_home, monkeypatch, capsys):
    at = opened(filled_home, "drift", monkeypatch, window=window)
    shown = at.dataframe[0].value.set_index("feature")
    points = answered(filled_home, capsys, "metrics", "made-up-delay", "--family", "drift", *asked)["points"]
    known = {(point["metric"], point["feature"]): point["value"] for point in points}
    for feature in shown.index:
        assert shown.loc[feature, "psi"] == pytest.approx(known["psi", feature], abs=1e-12)
        if shown.loc[feature, "ks"] == shown.loc[feature, "ks"]:
            assert shown.loc[feature, "ks"] == pytest.approx(known["ks_statistic", feature], abs=1e-12)
    tile = next(tile for tile in at.metric if tile.label.startswith("prediction drift"))
    assert tile.value == f"{known['psi', 'score']:.2f}"


def test_the_states_of_the_page_are_those_of_the_check(filled_home, monkeypatch, capsys):
    at = opened(filled_home, "drift", monkeypatch)
    shown = at.dataframe[0].value.set_index("feature")
    capsys.readouterr()
    with pytest.raises(AssertionError, match="left with 1"):
        run(filled_home, ["check", "made-up-delay", "--json"])
    verdicts = json.loads(capsys.readouterr().out)["verdicts"]
    drift = [verdict for verdict in verdicts if verdict["check"] == "feature_drift" and not verdict["segment"]]
    assert len(drift) == len(shown)
    for verdict in drift:
        assert verdict["state"] in shown.loc[verdict["feature"], "state"][0]
        assert shown.loc[verdict["feature"], "judged"] == pytest.approx(max(verdict["value"], 0.0), abs=1e-12)


def test_the_fleet_shows_the_auc_of_the_command_line(filled_home, monkeypatch, capsys):
    at = opened(filled_home, "fleet", monkeypatch)
    asked = ("metrics", "made-up-delay", "--family", "performance", "--window", "2024-02-22..2024-03-23")
    points = answered(filled_home, capsys, *asked)["points"]
    auc = next(point for point in points if point["metric"] == "roc_auc")
    assert at.dataframe[0].value["value"][0] == f"AUC {words.metric_value('roc_auc', auc['value'])}"


def test_the_inventory_lists_what_the_command_line_lists(filled_home, monkeypatch, capsys):
    at = opened(filled_home, "inventory", monkeypatch)
    listed = answered(filled_home, capsys, "model", "list")["models"]
    shown = at.dataframe[0].value
    assert list(shown["model"]) == [model["model"] for model in listed]
    assert at.title[0].value == "1 model in the inventory, 1 of tier 2"


@pytest.mark.parametrize(
    "part", ["record", "card", "reviews", "versions", "schema", "contract", "lineage", "batches", "audit"]
)
def test_every_part_of_a_models_record_can_be_shown(part, filled_home, monkeypatch):
    at = opened(filled_home, "model", monkeypatch)
    at.segmented_control(key="part").set_value(part).run()
    assert not at.exception
    assert at.dataframe or at.table
    assert at.title[0].value.startswith("made\\-up\\-delay\\: v1 is live, tier 2")


def test_the_record_shows_the_batches_and_the_audit_of_this_model(filled_home, monkeypatch, capsys):
    at = opened(filled_home, "model", monkeypatch)
    at.segmented_control(key="part").set_value("batches").run()
    listed = answered(filled_home, capsys, "batch", "list", "made-up-delay")["batches"]
    assert sorted(at.dataframe[0].value["file"]) == sorted(batch["file"] for batch in listed)
    at.segmented_control(key="part").set_value("audit").run()
    assert at.dataframe[0].value["did"].iloc[-1] == "model:model:add"


def test_the_governance_lens_of_the_fleet_shows_the_records(filled_home, monkeypatch):
    at = opened(filled_home, "fleet", monkeypatch)
    at.segmented_control(key="lens").set_value("governance").run()
    assert not at.exception
    assert at.dataframe[0].value["owner"].iloc[0] == "made-up"


def test_the_view_decides_which_section_comes_first(filled_home, monkeypatch):
    at = opened(filled_home, navigation.home_of(navigation.DEFAULT_VIEW), monkeypatch, view="governance")
    assert at.title[0].value == "1 model in the inventory, 1 of tier 2"
    assert at.selectbox(key="view").value == "Governance"


@pytest.mark.parametrize("topic", method.TOPICS)
def test_the_method_of_every_family_has_its_page(topic, bare_home, monkeypatch):
    at = opened(bare_home, "method", monkeypatch)
    at.segmented_control(key="topic").set_value(topic).run()
    assert not at.exception
    assert len(at.title) == 1
    assert any("## " in shown.value for shown in at.markdown)


@pytest.mark.parametrize("segment", ["all", "place=north"])
def test_performance_shows_the_numbers_of_the_command_line(segment, filled_home, monkeypatch, capsys):
    window = "2024-02-10..2024-02-24"
    at = opened(filled_home, "performance", monkeypatch, window=window, segment=segment)
    asked = ["metrics", "made-up-delay", "--family", "performance", "--window", window]
    asked += [] if segment == "all" else ["--segment", segment]
    points = {one["metric"]: one for one in answered(filled_home, capsys, *asked)["points"]}
    shown = at.dataframe[-1].value.set_index("metric")
    for name, told in (("recall", "recall"), ("roc_auc", "ROC AUC"), ("log_loss", "log loss"), ("f1", "F1")):
        assert shown.loc[told, "value"] == words.metric_value(name, points[name]["value"])
        assert shown.loc[told, "n"] == points[name]["n"]


def test_calibration_shows_the_numbers_of_the_command_line(filled_home, monkeypatch, capsys):
    window = "2024-02-10..2024-02-24"
    at = opened(filled_home, "calibration", monkeypatch, window=window)
    asked = ["metrics", "made-up-delay", "--family", "calibration", "--window", window]
    points = {one["metric"]: one["value"] for one in answered(filled_home, capsys, *asked)["points"]}
    tiles = {tile.label: tile.value for tile in at.metric}
    assert tiles["slope"] == words.two(points["calibration_slope"])
    assert tiles["intercept"] == words.two(points["calibration_intercept"])
    assert tiles["Brier score"] == words.three(points["brier_score"])
    assert tiles["calibration error"] == words.three(points["ece_debiased"])


def test_the_record_says_why_the_model_has_its_state_and_hides_columns_without_a_value(filled_home, monkeypatch):
    at = opened(filled_home, "model", monkeypatch)
    at.segmented_control(key="part").set_value("schema").run()
    shown = at.dataframe[0].value
    assert all((shown[name].notna() & (shown[name] != "")).any() for name in shown)
    assert "monotone" not in shown
    stands = opened(filled_home, "inventory", monkeypatch)
    assert any("Fleet says why." in one.value for one in stands.markdown)
    assert any(": " in one.value and one.value.startswith(("■", "▲")) for one in at.markdown)


def test_a_version_without_a_source_of_explanations_says_so_and_offers_no_other_rows(filled_home, monkeypatch):
    at = opened(filled_home, "explain", monkeypatch)
    assert at.title[0].value == "Scores of this version cannot be explained"
    assert "All rows → Explain" not in [one.proto.label for one in at.get("page_link")]
