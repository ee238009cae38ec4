"""A click on a point of the lineage, which only a real browser can make."""

import re

from playwright.sync_api import expect

from tests.browser.watched import PATIENCE


def test_a_click_on_a_point_shows_what_stands_behind_it_and_leads_to_its_page(filled, watched):
    watched.open(f"{filled}/lineage")
    points = watched.page.locator(".js-plotly-plot path.point")
    expect(points).to_have_count(5, timeout=PATIENCE)
    points.nth(3).click(force=True)
    box = watched.page.locator(".st-key-lineage-chosen_box")
    expect(box).to_contain_text("v1", timeout=PATIENCE)
    expect(box).to_contain_text("version")
    box.get_by_role("link", name="Its version").click()
    expect(watched.page).to_have_url(re.compile("/model.*part=versions"), timeout=PATIENCE)
    expect(watched.page.locator("h1")).to_contain_text("v1 is live", timeout=PATIENCE)
