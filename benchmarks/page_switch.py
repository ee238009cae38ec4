"""From a click in the sidebar to the next page's content, in Chromium over the sample fleet.

Content is there when the page has its title, no skeleton is left and the script has ended. The first visits are not
measured: they import, fill the caches, and begin work whose result a page waits for; that work is awaited, so that no
page is measured while it asks every second how far it is. Run with
``python -m benchmarks.page_switch [--home .watchroom-demo]``; the fleet is built where it is missing.
"""

import argparse
import shutil
import statistics
import time
from pathlib import Path

from playwright.sync_api import Page, TimeoutError, sync_playwright

from app import demo, navigation
from benchmarks.screens import PATIENCE_SECONDS, served
from core.jobs.service import open_jobs
from core.store.database import open_store

LIMIT_MS = 700
ROUNDS = 4
WORK_SECONDS = 900
SETTLED = """url => location.pathname === url
    && document.querySelectorAll('h1').length === 1
    && !document.querySelector('[data-testid=stSkeleton]')
    && document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'"""


def main() -> int:
    """Click through every page some times and print the time of each."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--home", type=Path, default=Path(demo.DEFAULT_HOME))
    home = options.parse_args().home.absolute()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("There is no Chromium: make browser installs it.")
        return 2
    demo.build(home, say=print)
    with served(home) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(address)
        page.wait_for_function(SETTLED, arg="/", timeout=PATIENCE_SECONDS * 1_000)
        _walk(page)  # first visits
        await_work(home)
        _walk(page)  # draws what was worked out
        times: dict[str, list[float]] = {}
        for _ in range(ROUNDS):
            for title, milliseconds in _walk(page).items():
                times.setdefault(title, []).append(milliseconds)
        browser.close()
    for title, found in times.items():
        print(f"{title:<13} {statistics.median(found):4.0f} ms (median of {ROUNDS}, slowest {max(found):.0f} ms)")
    slowest = max(statistics.median(found) for found in times.values())
    print(f"slowest median {slowest:.0f} ms, limit {LIMIT_MS} ms")
    return 0


def await_work(home: Path, *, patience: float = WORK_SECONDS) -> None:
    """Wait until no job of the store waits or runs.

    Raises
    ------
    SystemExit
        When some still do after `patience` seconds: what is measured beside them is not the pages.
    """
    store, deadline = open_store(home), time.monotonic() + patience
    while left := open_jobs(store):
        if time.monotonic() > deadline:
            raise SystemExit(f"Work is still under way after {patience:g} s: {', '.join(one.kind for one in left)}.")
        time.sleep(0.5)
    store.engine.dispose()


def _walk(page: Page) -> dict[str, float]:
    times = {}
    home = navigation.home_of(navigation.DEFAULT_VIEW)
    for entries in navigation.SECTIONS.values():
        for _, title, url, _ in entries:
            link = page.locator("[data-testid=stSidebarNav]").get_by_role("link", name=title, exact=True)
            began = time.perf_counter()
            link.click()
            path = "/" if url == home else f"/{url}"
            await_content(page, title, path)
            times[title] = 1000 * (time.perf_counter() - began)
    return times


def await_content(page: Page, title: str, path: str, *, patience: float = PATIENCE_SECONDS) -> None:
    """Wait until the content of the page at `path` stands.

    Raises
    ------
    SystemExit
        When it does not after `patience` seconds: the page by its title, and what it is still doing.
    """
    try:
        page.wait_for_function(SETTLED, arg=path, timeout=patience * 1_000, polling=10)
    except TimeoutError:
        script = page.locator("[data-testid=stApp]").get_attribute("data-test-script-state")
        raise SystemExit(
            f"The page {title} has no content after {patience:g} s: at {page.url}, script {script}, "
            f"{page.locator('h1').count()} titles, {page.get_by_test_id('stSkeleton').count()} skeletons."
        ) from None


if __name__ == "__main__":
    raise SystemExit(main())
