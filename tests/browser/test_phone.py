"""What a finger does on a phone: the header keeps to two rows, and who acts can be chosen."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.watched import PATIENCE, Watched

TWO_ROWS = 80
"""Pixels that the selectors and the row below them take together."""


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("model", ["employment", "employment-slices", "demand", "flight-delay"])
def test_the_header_takes_two_rows_whatever_it_has_to_say(working, phone, model):
    Watched(phone).open(f"{working}/dossier?model={model}")
    box = phone.locator(".st-key-header").bounding_box()
    assert box is not None
    assert box["height"] <= TWO_ROWS


def test_a_finger_chooses_who_acts(working, phone):
    Watched(phone).open(f"{working}/dossier?model=employment")
    phone.get_by_test_id("stExpandSidebarButton").tap()
    phone.get_by_role("combobox", name="Acting as").tap()
    phone.get_by_role("option", name=re.compile("^Dana Reyes")).tap()
    expect(phone.get_by_text("You (Dana Reyes) cannot approve")).to_be_visible(timeout=PATIENCE)
