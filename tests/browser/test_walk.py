"""Chromium over every page: no exception box, no console error, no other host; clicks and links do what they say."""

import re

import pytest
from playwright.sync_api import expect

from app import navigation
from tests.browser.watched import PATIENCE, Watched

URLS = [
    "" if entry[2] == navigation.home_of(navigation.DEFAULT_VIEW) else entry[2]
    for entries in navigation.SECTIONS.values()
    for entry in entries
]
WORK = 120_000
"""Milliseconds that a page's long work may take on a busy machine."""

STROKES = {"light": "rgb(29, 78, 216)", "dark": "rgb(122, 162, 255)"}


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("url", URLS)
def test_every_page_opens_by_its_own_link(url, width, filled, watched):
    watched.page.set_viewport_size({"width": width, "height": 900})
    watched.open(f"{filled}/{url}")
    assert "made-up-delay" in watched.page.url
    sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert watched.page.evaluate(sideways) <= 0


def test_the_name_of_the_home_page_leads_to_it_with_the_selection(filled, watched):
    watched.open(f"{filled}/{navigation.home_of(navigation.DEFAULT_VIEW)}?window=7d")
    expect(watched.page.locator("h1")).to_contain_text("attention", timeout=PATIENCE)
    expect(watched.page).to_have_url(re.compile(r":\d+/\?.*window=7d"))
    expect(watched.page.get_by_role("link", name="Fleet", exact=True)).to_have_count(1)


def test_a_finding_of_the_fleet_leads_to_its_feature(filled, watched):
    watched.open(f"{filled}/?window=28d")
    watched.page.get_by_role("link", name="See wind").first.click()
    expect(watched.page.locator("h3")).to_have_text("wind", timeout=PATIENCE)
    expect(watched.page).to_have_url(re.compile("window=1d"))


def test_an_empty_store_shows_three_steps(serve, bare_home, watched):
    address = serve(bare_home)
    for url in URLS:
        if url in ("method", "overview", "audit"):  # not about models, or without commands
            continue
        watched.open(f"{address}/{url}")
        expect(watched.page.locator("[data-testid=stCode]")).to_have_count(3)


def test_the_sidebar_keeps_the_selection_in_the_url(filled, watched):
    watched.open(f"{filled}/drift?window=7d")
    watched.page.get_by_role("link", name="Fleet").first.click()
    expect(watched.page.locator("h1")).to_contain_text("attention", timeout=PATIENCE)
    watched.page.get_by_role("link", name="Drift", exact=True).click()
    expect(watched.page.locator("h1")).to_contain_text("feature", timeout=PATIENCE)
    expect(watched.page).to_have_url(re.compile("window=7d"))


def test_a_click_on_a_state_opens_its_cause_and_coming_back_does_not_loop(filled, watched):
    watched.open(f"{filled}/")
    watched.click_table(40, 48)
    expect(watched.page.locator("h1")).to_contain_text("features: wind", timeout=PATIENCE)
    expect(watched.page).to_have_url(re.compile(r"/drift\?.*feature=wind"))
    watched.page.get_by_role("link", name="Fleet").first.click()
    expect(watched.page.locator("h1")).to_contain_text("attention", timeout=PATIENCE)
    watched.page.wait_for_timeout(1_500)
    expect(watched.page.locator("h1")).to_contain_text("attention")


def test_a_click_on_a_row_selects_the_feature_and_names_it_in_the_url(filled, watched):
    watched.open(f"{filled}/drift")
    watched.click_table(160, 32 * 2 + 16)
    expect(watched.page.locator("h3")).to_have_text("temp", timeout=PATIENCE)
    expect(watched.page).to_have_url(re.compile("feature=temp"))


def test_a_number_is_explained_in_a_drawer(filled, watched):
    watched.open(f"{filled}/drift")
    watched.page.get_by_role("button", name="Explain this number").click()
    drawer = watched.page.get_by_role("dialog")
    expect(drawer).to_contain_text("Population stability index", timeout=PATIENCE)
    expect(drawer).to_contain_text("data version")
    drawer.get_by_text("The method").click()
    expect(drawer).to_contain_text("docs/method/drift.md", timeout=PATIENCE)


def test_a_hostile_feature_name_is_text_and_no_link(filled, watched):
    from urllib.parse import quote

    from app.words import JOINER
    from tests.pages.made_up import HOSTILE

    watched.open(f"{filled}/drift?feature={quote(HOSTILE)}")
    heading = watched.page.locator("h3")
    expect(heading).to_contain_text("evil", timeout=PATIENCE)
    assert heading.inner_text().replace(JOINER, "") == HOSTILE
    assert watched.page.locator("a[href*='evil']").count() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_figure_has_the_stroke_colour_of_the_theme(theme, chromium, filled):
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, color_scheme=theme)
    seen = Watched(context.new_page())
    seen.open(f"{filled}/drift")
    seen.page.locator("path.js-line").first.wait_for(timeout=PATIENCE)
    colours = seen.page.eval_on_selector_all("path.js-line", "lines => lines.map(l => getComputedStyle(l).stroke)")
    context.close()
    assert STROKES[theme] in colours
    assert not any(colour.startswith("rgb(0, 0, ") for colour in colours)
    assert seen.wrong == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("url", ["segments", "attribution", "explain", "fairness"])
def test_a_page_of_why_and_for_whom_opens_in_both_themes_while_its_work_is_done(url, theme, chromium, working):
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, color_scheme=theme)
    seen = Watched(context.new_page())
    seen.open(f"{working}/{url}?model=credit-risk&window=2013-12-02..2013-12-16")
    expect(seen.page.get_by_text("You can leave this page")).to_have_count(0, timeout=WORK)
    seen.settled()
    said = seen.page.locator("[data-testid=stMain]").inner_text()
    context.close()
    assert "could not be worked out" not in said
    assert seen.wrong == []


def test_what_a_model_is_worth_is_told_on_the_overview_in_one_click(serve, valued, watched):
    watched.open(f"{serve(valued.home)}/")
    watched.page.get_by_role("link", name="Overview", exact=True).click()
    expect(watched.page.locator("h1")).to_contain_text("models", timeout=PATIENCE)
    story = watched.page.get_by_text("was worth").first
    expect(story).to_contain_text("values", timeout=PATIENCE)
    expect(watched.page.get_by_text("Ask its owner").first).to_be_visible()
    assert "watchroom " not in watched.page.locator("[data-testid=stMain]").inner_text()


@pytest.mark.parametrize("url", ["performance", "calibration", "quality"])
def test_a_number_of_every_family_is_explained_and_leads_to_its_method(url, filled, watched):
    watched.open(f"{filled}/{url}?window=28d")
    watched.page.get_by_role("button", name="Explain this number").first.click()
    drawer = watched.page.get_by_role("dialog")
    expect(drawer).to_contain_text("data version", timeout=PATIENCE)
    drawer.get_by_text("The method").click()
    link = drawer.get_by_role("link", name=f"docs/method/{url}.md")
    link.wait_for(timeout=PATIENCE)
    expect(watched.page.locator("[data-testid=stApp]")).to_have_attribute("data-test-script-state", "notRunning")
    watched.page.wait_for_timeout(500)
    link.click()
    expect(watched.page).to_have_url(re.compile(rf"/method\?.*topic={url}"), timeout=PATIENCE)


def test_the_view_puts_its_pages_first(filled, watched):
    watched.open(f"{filled}/?view=business")
    first = watched.page.locator("[data-testid=stSidebarNav] a").first
    expect(first).to_have_text(re.compile("Overview"), timeout=PATIENCE)


def test_a_table_behind_a_plot_is_downloaded_without_formulas(filled, watched):
    watched.open(f"{filled}/performance?window=28d")
    watched.page.get_by_text("Table", exact=True).first.click()
    button = watched.page.locator("[data-testid=stDownloadButton] button").first
    with watched.page.expect_download(timeout=PATIENCE) as got:
        button.click()
    text = got.value.path().read_text(encoding="utf-8")
    assert text.startswith("window,")
    assert text.count("\n") >= 3
    assert not any(cell.startswith(("=", "@", "+")) for line in text.splitlines() for cell in line.split(","))
