"""From a click in the sidebar to the next page's content, in Chromium over the sample fleet.

Content is there when the page has its title, no skeleton is left and the script has ended. Run with
``python -m benchmarks.page_switch [--home .watchroom-demo]``; the fleet is built where it is missing.
"""

import argparse
import shutil
import statistics
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from app import demo, navigation
from benchmarks.screens import PATIENCE_SECONDS, served

LIMIT_MS = 700
ROUNDS = 4
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
        _walk(page)  # first visits: imports and caches
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


def _walk(page: Page) -> dict[str, float]:
    times = {}
    home = navigation.home_of(navigation.DEFAULT_VIEW)
    for entries in navigation.SECTIONS.values():
        for _, title, url, _ in entries:
            link = page.locator("[data-testid=stSidebarNav]").get_by_role("link", name=title, exact=True)
            began = time.perf_counter()
            link.click()
            path = "/" if url == home else f"/{url}"
            page.wait_for_function(SETTLED, arg=path, timeout=PATIENCE_SECONDS * 1_000, polling=10)
            times[title] = 1000 * (time.perf_counter() - began)
    return times


if __name__ == "__main__":
    raise SystemExit(main())
