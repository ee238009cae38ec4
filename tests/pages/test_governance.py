"""Inventory, Model, Findings and Lineage: what is written about models, by whom it can be changed, and why not."""

from datetime import timedelta
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from app import persona, words
from core.findings.service import findings, raise_finding
from core.inventory.recording.service import edit_record, governed_model
from core.releases.judging.service import break_glass
from core.reviews.service import reviews
from core.store.database import Store, open_store
from tests.pages.test_pages import opened
from tests.release_kit import DANA, OMAR, VERA, gates, governed, live, pending

HOSTILE = "*b* :smile: [x](http://x.example) <b>"
RISK = {
    "exposure_amount": 3e6,
    "decisions_per_year": 1000,
    "purpose": "operations",
    "harm": "inconvenience",
    "automation": "human_in_loop",
    "complexity": "ensemble",
    "data_doubt": "own_gaps",
    "ai_act_class": "minimal",
    "regulatory_capital": False,
    "affects_persons": True,
    "adverse_to_persons": False,
}


@pytest.fixture
def home(bare_home: Path) -> Path:
    st.cache_data.clear()
    st.cache_resource.clear()
    governed(open_store(bare_home))
    return bare_home


@pytest.fixture
def store(home: Path) -> Store:
    return open_store(home)


def shown(home: Path, url: str, monkeypatch: pytest.MonkeyPatch, who: str = "Omar", **query: str) -> AppTest:
    at = opened(home, url, monkeypatch, model="churn", **query)
    at.session_state[persona.KEY] = who
    at.run()
    assert not at.exception
    return at


def said(at: AppTest) -> str:
    parts = [*at.title, *at.markdown, *at.caption, *at.warning, *at.error, *at.success, *at.info]
    return " ".join(part.value for part in parts).replace("\\", "").replace(words.JOINER, "")


def confirmed(at: AppTest) -> AppTest:
    at.button(key="panel.confirm").click().run()
    assert not at.exception
    return at


def field(at: AppTest, kind: str, label: str):
    return next(one for one in getattr(at, kind) if one.label == label)


# the record


def test_the_record_names_the_missing_fields_and_what_they_hold_back(home, monkeypatch):
    at = shown(home, "model", monkeypatch)
    assert "holds back leaving proposed" in said(at)
    assert "Business use" in at.warning[0].value


def test_the_record_says_in_each_group_what_is_known_without_anybody_writing_it(home, store, monkeypatch):
    raised(store)
    text = said(shown(home, "model", monkeypatch))
    assert "versions v1, v2, v3 · champion v1" in text
    assert "open findings 1 high" in text


def test_an_edit_is_written_with_its_reason_and_stands_in_the_history(home, store, monkeypatch):
    at = shown(home, "model", monkeypatch)
    at.button(key="record.edit.identity").click().run()
    field(at, "text_area", "Description").set_value(HOSTILE).run()
    field(at, "text_input", "Why").set_value("as agreed").run()
    confirmed(at)
    assert governed_model(store, "churn").record.document == {"description": HOSTILE}
    at.segmented_control(key="part").set_value("history").run()
    row = at.dataframe[0].value.iloc[0]
    assert [row["who"], row["field"], row["after"], row["why"]] == ["Omar", "Description", HOSTILE, "as agreed"]


def test_a_form_on_a_record_that_changed_meanwhile_overwrites_nothing(home, store, monkeypatch):
    at = shown(home, "model", monkeypatch)
    at.button(key="record.edit.identity").click().run()
    field(at, "text_area", "Description").set_value("mine").run()
    edit_record(store, DANA, model="churn", changes={"description": "hers"})
    confirmed(at)
    assert "changed by Dana since you opened it" in said(at)
    assert governed_model(store, "churn").record.document["description"] == "hers"


def test_a_form_is_closed_when_another_part_is_looked_at(home, store, monkeypatch):
    at = shown(home, "model", monkeypatch)
    at.button(key="record.edit.identity").click().run()
    assert any(one.key == "panel.confirm" for one in at.button)
    at.segmented_control(key="part").set_value("tier").run()
    at.segmented_control(key="part").set_value("record").run()
    assert not any(one.key == "panel.confirm" for one in at.button)


def test_a_field_of_other_roles_is_closed_and_says_whose_it_is(home, monkeypatch):
    at = shown(home, "model", monkeypatch, who="Dana")
    at.button(key="record.edit.people").click().run()
    validator = field(at, "text_input", "Validator")
    assert validator.disabled
    assert "validator, administrator" in validator.help
    assert not field(at, "text_input", "On call").disabled


def test_who_may_not_write_reads_why(home, monkeypatch):
    at = shown(home, "model", monkeypatch, who="Vic")
    assert at.button(key="record.edit.identity").disabled
    assert "Vic (viewer) may not do this (record edit)" in said(at)


# the tier


def test_the_tier_shows_its_score_by_part_and_an_override_beside_it(home, store, monkeypatch):
    edit_record(store, VERA, model="churn", changes={"harm": "inconvenience", "data_doubt": "own_gaps"})
    edit_record(store, OMAR, model="churn", changes={code: RISK[code] for code in RISK if code != "complexity"})
    edit_record(store, DANA, model="churn", changes={"complexity": RISK["complexity"]})
    at = shown(home, "model", monkeypatch, who="Vera", part="tier")
    assert at.dataframe[0].value["points"].tolist() == [21, 8, 5, 6, 4]
    at.button(key="tier.override").click().run()
    field(at, "radio", "Tier").set_value(1).run()
    field(at, "text_area", "Why").set_value("until the audit is over").run()
    confirmed(at)
    tiles = {tile.label: tile.value for tile in at.metric}
    assert [tiles[name] for name in ("tier in force", "computed", "overridden", "declared")] == ["1", "3", "1", "3"]
    assert "until the audit is over" in at.info[0].value


def test_what_a_tier_asks_for_is_told_with_the_policy_that_says_so(home, monkeypatch):
    at = shown(home, "model", monkeypatch, part="tier")
    assert "What tier 3 asks for" in [one.label for one in at.expander]
    told = at.expander[0].table[0].value
    kept = told[told["control"] == "audit trail is kept"]["tier 3"].iloc[0]
    assert kept.replace("\\", "").startswith("at least 5 years")
    assert "Policy standard, version 2" in said(at)


def test_without_its_inputs_no_tier_is_made_up(home, monkeypatch):
    at = shown(home, "model", monkeypatch, part="tier")
    assert "No tier can be computed yet" in at.warning[0].value
    assert not at.dataframe
    assert not at.button(key="tier.override").disabled
    assert shown(home, "model", monkeypatch, who="Dana", part="tier").button(key="tier.override").disabled


# the card


def test_the_card_is_written_for_the_version_and_read_as_plain_text(home, monkeypatch):
    at = shown(home, "model", monkeypatch, who="Dana", part="card", version="v2")
    at.button(key="card.edit").click().run()
    field(at, "text_area", "Limitations").set_value(HOSTILE).run()
    confirmed(at)
    assert HOSTILE in said(at)
    assert HOSTILE not in " ".join(one.value for one in at.markdown)


# findings


def raised(store: Store, **changes: object) -> int:
    values = {"model": "churn", "severity": "high", "category": "data", "title": HOSTILE, "owner": "Omar"}
    return raise_finding(store, VERA, **{**values, **changes}).id


def test_a_finding_is_raised_with_the_day_that_its_severity_gives(home, store, monkeypatch):
    at = shown(home, "findings", monkeypatch, who="Vera")
    assert at.title[0].value.startswith("No open finding")
    at.button(key="finding.raise").click().run()
    field(at, "text_input", "Title").set_value("Old addresses").run()
    field(at, "selectbox", "Owner").set_value("Omar").run()
    confirmed(at)
    (made,) = findings(store)
    assert (made.title, made.severity, made.raised_by, made.owner) == ("Old addresses", "medium", "Vera", "Omar")
    assert made.due == store.clock.now().date() + timedelta(days=90)


def test_only_the_line_that_raised_it_closes_it_and_the_screen_says_why(home, store, monkeypatch):
    raised(store)
    at = shown(home, "findings", monkeypatch, who="Omar")
    assert at.dataframe[0].value["title"][0] == HOSTILE
    assert at.button(key="finding.close").disabled
    assert "Only the line that raised finding 1 may close it: the second line (approver, validator)" in said(at)
    at.session_state[persona.KEY] = "Vera"
    at.run()
    at.button(key="finding.close").click().run()
    field(at, "text_area", "What shows that it is mended").set_value("measured again").run()
    confirmed(at)
    assert not findings(store, only_open=True)
    at.toggle(key="findings.closed").set_value(True).run()
    assert "measured again" in at.table[0].value.loc["closed"].iloc[0]


def test_a_finding_gets_longer_and_a_closed_one_is_opened_again(home, store, monkeypatch):
    number = raised(store)
    at = shown(home, "findings", monkeypatch, who="Vera")
    at.button(key="finding.extend").click().run()
    field(at, "text_area", "Why it takes longer").set_value("the vendor is late").run()
    confirmed(at)
    (made,) = findings(store)
    assert made.extensions[0].why == "the vendor is late"
    at.button(key="finding.close").click().run()
    field(at, "text_area", "What shows that it is mended").set_value("seen").run()
    confirmed(at)
    at.toggle(key="findings.closed").set_value(True).run()
    at.button(key="finding.reopen").click().run()
    field(at, "text_area", "Why it is not mended").set_value("it came back").run()
    confirmed(at)
    assert [(one.id, one.is_open, one.reopened) for one in findings(store)] == [(number, True, 1)]


def test_a_link_narrows_the_findings_to_a_model(home, store, monkeypatch):
    raised(store)
    assert shown(home, "findings", monkeypatch, of="churn").selectbox(key="of").value == "churn"
    assert shown(home, "findings", monkeypatch, of="nothing").selectbox(key="of").value == "every model"


# reviews


def test_a_validation_is_recorded_from_the_calendar(home, store, monkeypatch):
    at = shown(home, "findings", monkeypatch, who="Vera", half="reviews")
    assert at.dataframe[0].value["what"][0] == "Validation"
    at.button(key="review.validate").click().run()
    field(at, "text_area", "What was looked at, and found").set_value("all of it").run()
    confirmed(at)
    (done,) = reviews(store)
    assert (done.kind, done.version, done.scope, done.done_by) == ("validation", "v3", "targeted", "Vera")
    assert at.dataframe[-1].value["notes"][0] == "all of it"


def test_a_broken_glass_is_red_on_the_inventory_until_somebody_else_reviews_it(home, store, monkeypatch):
    broken = break_glass(
        store, OMAR, pending(store, gates(failed=("latency",))).id, reason="the old one is down since this morning"
    )
    assert broken.broken_glass
    at = shown(home, "inventory", monkeypatch)
    assert "glass broken" in at.error[0].value
    assert at.dataframe[0].value["release"][0].startswith("■ glass broken")
    at = shown(home, "findings", monkeypatch, who="Omar", half="reviews")
    assert at.dataframe[0].value["what"][0] == "Review after the broken glass"
    at.button(key="review.finish").click().run()
    field(at, "text_area", "What was looked at, and found").set_value("fine").run()
    confirmed(at)
    assert "Omar did what is to be reviewed: somebody else looks" in said(at)
    at = shown(home, "findings", monkeypatch, who="Vera", half="reviews")
    at.button(key="review.finish").click().run()
    field(at, "text_area", "What was looked at, and found").set_value("it was down").run()
    confirmed(at)
    assert not shown(home, "inventory", monkeypatch).error


# the inventory


def test_the_inventory_tells_tier_findings_validation_card_and_release(home, store, monkeypatch):
    raised(store)
    live(store)
    at = shown(home, "inventory", monkeypatch)
    row = at.dataframe[0].value.iloc[0]
    assert row["tier"] == "3 (declared)"
    assert row["open findings"] == "1 high"
    assert row["validation due"] == f"▲ {words.day(store.clock.now().date())}"
    assert row["card"].startswith("▲ ")
    assert row["release"] == "v2 ● live"
    assert row["last drill"] == "never"
    assert row["live version"] == "v2"


def test_a_past_day_shows_the_inventory_as_the_audit_trail_tells_it(home, store, monkeypatch):
    today = store.clock.now().date()
    before = shown(home, "inventory", monkeypatch, asof=(today - timedelta(days=1)).isoformat())
    assert before.title[0].value.startswith("0 models on")
    assert not before.dataframe
    before.date_input(key="inventory.day").set_value(today).run()
    assert before.title[0].value == "1 model in the inventory, 1 of tier 3"
    assert "asof" not in before.query_params


def test_an_owner_without_a_finished_record_is_told(home, monkeypatch):
    assert "The record of churn lacks fields." in said(shown(home, "inventory", monkeypatch))


def test_the_governance_lens_of_the_fleet_swaps_the_states_for_the_controls(home, monkeypatch):
    at = shown(home, "fleet", monkeypatch, lens="governance")
    columns = list(at.dataframe[0].value.columns)
    assert columns == [
        "state",
        "model",
        "tier",
        "owner",
        "validation due",
        "open findings",
        "card",
        "release",
        "last drill",
    ]


# lineage


def test_a_row_of_the_lineage_shows_what_stands_behind_it_and_the_way_there(home, store, monkeypatch):
    live(store)
    at = shown(home, "lineage", monkeypatch)
    assert at.title[0].value.replace("\\", "") == "churn: 3 versions, 1 release"
    listed = at.dataframe[0].value
    assert listed["what"].tolist().count("version") == 3
    at.session_state["lineage.chosen"] = "release 1"
    at.run()
    assert "release 1" in said(at)
    assert any("Its dossier" in str(one.proto) for one in at.get("page_link"))
