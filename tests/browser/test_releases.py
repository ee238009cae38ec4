"""A release in a real browser, from the request to the rollback, with the real evidence of the sample fleet."""

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from app import demo
from tests.browser.watched import PATIENCE

EVIDENCE = 300_000
"""Milliseconds that gathering evidence may take on a busy machine: it compares 200,000 rows of both versions."""

DANA, OMAR, VERA, ANA = "Dana Reyes", "Omar Haddad", "Vera Lind", "Ana Prior"
DONE_OR_REFUSED = """() => { const form = document.querySelector('[role=dialog]');
    return !form || form.querySelector('[role=alert]'); }"""
UNANSWERED = 4
"""Gates that the evidence of the sample's challenger leaves without an answer."""

NOTE = "small, and watched after the release"
REASON = "Looked at the segments and the groups: the loss is small and watched"


@pytest.fixture
def governed(serve: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """Serve a copy of the sample fleet of its own, with its worker: this test changes which version is live."""
    own = tmp_path_factory.getbasetemp()
    built = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "demo" / "home"
    demo.build(built, say=lambda text: None)
    copied = Path(shutil.copytree(built, tmp_path_factory.mktemp("governed") / "home"))
    return serve(copied, options=())


def acting(page: Page, name: str) -> None:
    """Let somebody else act, and wait until the page is theirs."""
    page.get_by_role("combobox", name="Acting as").click()
    page.get_by_role("option", name=re.compile(f"^{name}")).click()
    expect(page.get_by_text(re.compile(rf"You \({name}\)|\({name}\)|^{name}$")).first).to_be_visible(timeout=PATIENCE)
    still(page)


def still(page: Page) -> None:
    """Wait until the script under the page has ended."""
    page.wait_for_timeout(300)
    ended = page.locator("[data-testid=stApp][data-test-script-state=notRunning]")
    expect(ended).to_have_count(1, timeout=PATIENCE)


def press(page: Page, label: str | re.Pattern[str]) -> None:
    page.get_by_role("button", name=label).first.click()
    still(page)


def drawer(page: Page) -> Locator:
    shown = page.get_by_role("dialog").last
    expect(shown).to_be_visible(timeout=PATIENCE)
    return shown


def confirm(page: Page, label: str | re.Pattern[str], reason: str = REASON) -> None:
    """Give the reason in the open drawer and press its button; the drawer closes when it is done."""
    form = drawer(page)
    if reason:
        form.get_by_label(re.compile("^Reason")).fill(reason)
        form.get_by_label(re.compile("^Reason")).blur()
    still(page)
    form.get_by_role("button", name=label).click()
    refused = form.get_by_role("alert")
    page.wait_for_function(DONE_OR_REFUSED, timeout=PATIENCE)
    assert not refused.count(), refused.inner_text()
    expect(page.get_by_role("dialog")).to_have_count(0, timeout=PATIENCE)
    still(page)


def approve(page: Page, consequence: str) -> None:
    """Approve what is shown with a note on each gate that did not pass."""
    press(page, "Decide…")
    notes = drawer(page).get_by_role("textbox", name=re.compile("inconclusive"))
    expect(notes).to_have_count(UNANSWERED, timeout=PATIENCE)
    for note in notes.all():
        note.fill(NOTE)
        note.blur()
        still(page)
        expect(note).to_have_value(NOTE)
    confirm(page, f"Approve: {consequence}")


DONE = (
    (DANA, "submitted it"),
    (VERA, "accepted what the gates could not judge"),
    (OMAR, "approved it as “owner”"),
    (ANA, "approved it as “second line or peer”"),
    (ANA, "had it executed"),
    (ANA, "requested the rollback"),
)
"""What the history of the release tells in the end."""


def test_a_release_is_requested_approved_by_two_executed_taken_back_and_all_of_it_is_audited(governed, watched):
    page = watched.page
    page.set_viewport_size({"width": 1440, "height": 900})
    watched.open(f"{governed}/dossier?model=employment")
    expect(page.locator("h1")).to_have_text("employment v2 wants to replace v1")
    request_anew(page)
    judge_and_approve(page)
    execute(page)
    take_back(page)
    told = history(page)
    for who, did in DONE:
        assert re.search(rf"{who}\s+{did}", told), (who, did)
    find_in_the_audit_trail(page)


def request_anew(page: Page) -> None:
    """Withdraw what the sample asks for, and ask for the same again: its evidence is gathered by the worker."""
    acting(page, DANA)
    press(page, "Withdraw…")
    confirm(page, "Withdraw: ends this request", "asked for again in a test")
    expect(page.locator("h1")).to_have_text("The release of employment v2 was withdrawn", timeout=PATIENCE)
    page.get_by_role("link", name=re.compile("^Releases")).first.click()
    expect(page.locator("h1")).to_contain_text("on its way", timeout=PATIENCE)
    press(page, "Request a release")
    confirm(page, "Request v2 in the place of v1", "the same again")
    expect(page.locator("h1")).to_have_text("employment v2 wants to replace v1", timeout=PATIENCE)
    expect(page.get_by_text("a validator must judge").first).to_be_visible(timeout=EVIDENCE)
    expect(page.get_by_text("Gates: ")).to_contain_text(f"{UNANSWERED} inconclusive")


def take_away(page: Page) -> None:
    """Download the dossier: one page that names its evidence and asks nobody for anything."""
    short = re.search(r"evidence\s+(\w{4})…(\w{4})", page.get_by_text("· evidence").first.inner_text())
    assert short is not None
    press(page, "Download dossier")
    with page.expect_download(timeout=PATIENCE) as got:
        page.get_by_role("button", name="One HTML page").click()
    text = got.value.path().read_text(encoding="utf-8")
    assert re.search(rf"{short[1]}\w{{56}}{short[2]}", text)
    assert not re.search(r"(src|href)=.?(https?:)?//", text)
    page.keyboard.press("Escape")
    still(page)


def judge_and_approve(page: Page) -> None:
    acting(page, VERA)
    press(page, "Judge…")
    confirm(page, "Accept: puts it to the vote")
    expect(page.get_by_text("waits for 2 of 2 approvals").first).to_be_visible(timeout=PATIENCE)
    acting(page, DANA)
    expect(page.get_by_text("You asked for this release: somebody else has to approve it")).to_be_visible()
    expect(page.get_by_role("button", name="Decide…")).to_have_count(0)
    acting(page, OMAR)
    expect(page.get_by_role("link", name=re.compile("^Releases")).first).to_contain_text(re.compile("[1-9]"))
    approve(page, "the first of two; 1 more approval is needed")
    expect(page.get_by_text("waits for 1 of 2 approvals").first).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("You have approved this release already")).to_be_visible()
    acting(page, ANA)
    approve(page, "the second of two; v2 can then be executed")
    expect(page.locator("h1")).to_have_text("employment v2 is approved and not yet executed", timeout=PATIENCE)


def execute(page: Page) -> None:
    press(page, "Execute…")
    confirm(page, "Execute: v2 gets all of the traffic", "")
    expect(page.locator("h1")).to_have_text("employment v2 is live", timeout=PATIENCE)
    expect(page.get_by_role("button", name="v2 live")).to_be_visible()


def take_back(page: Page) -> None:
    """Request the rollback from another page that shows the model."""
    page.get_by_role("link", name="Performance", exact=True).click()
    expect(page.get_by_role("link", name="Performance", exact=True)).to_be_visible()
    expect(page.get_by_text("v1 is not live; v2 is since")).to_be_visible(timeout=PATIENCE)
    still(page)
    press(page, "v2 live")
    press(page, "Request rollback")
    expect(page.get_by_role("button", name="Practise it")).to_be_hidden()
    expect(drawer(page)).to_contain_text("v2 → v1, live before; its features arrive in today's rows")
    confirm(page, "Request rollback to v1", "the mailing was empty")
    expect(page.get_by_role("button", name="v1 live")).to_be_visible(timeout=PATIENCE)


def history(page: Page) -> str:
    """Return what the dossier tells of who did what."""
    page.get_by_role("link", name="Release dossier", exact=True).click()
    expect(page.locator("h1")).to_have_text("employment v2 was taken back to v1", timeout=PATIENCE)
    still(page)
    page.get_by_role("radio", name="history").click()
    still(page)
    return page.get_by_test_id("stTable").filter(has_text="submitted it").inner_text()


def find_in_the_audit_trail(page: Page) -> None:
    take_away(page)
    page.get_by_role("link", name="Audit trail").click()
    expect(page.locator("h1")).to_contain_text("The audit chain holds", timeout=PATIENCE)
    still(page)
    expect(page.get_by_text(re.compile(r"^\d+ entries about release 3"))).to_be_visible()
    press(page, "Verify now")
    expect(page.locator("h1")).to_contain_text("The audit chain holds", timeout=PATIENCE)
