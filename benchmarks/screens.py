"""Pictures of every page of the sample fleet, in two sizes and two themes, into docs/screens (`make screens`)."""

import argparse
import io
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from app import demo, navigation

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "screens"
SIZES = ((1440, 900), (390, 844))
THEMES = ("light", "dark")
PICTURED = {
    "service": "model=credit-risk&version=v1",
    "performance": "model=credit-risk&version=v1&window=2013-12-02..2013-12-16",
    "quality": "model=credit-risk&version=v1",
    "calibration": "model=flight-delay&version=v1&window=2013-12-01..2013-12-29",
    "model": "model=employment&version=v1&part=record",
    "lineage": "model=flight-delay&version=v1",
    "segments": "model=credit-risk&version=v1&window=2013-12-02..2013-12-16",
    "attribution": "model=credit-risk&version=v1&window=2013-12-02..2013-12-16",
    "explain": "model=flight-delay&version=v1&window=2013-04-22..2013-04-29",
    "fairness": "model=employment&version=v1",
    "dossier": "model=employment",
}
"""What is chosen on a page where the worst model of the fleet has nothing to show."""

COLOURS = 256
MOST_BYTES = 8_000_000
TALLEST = 2_600
PATIENCE_SECONDS = 60
WORK_SECONDS = 180
"""How long the work under a page may take before its picture is given up."""

SETTLE_MILLISECONDS = 1_500
STILL_SECONDS, POLL_MILLISECONDS = 3.0, 250
UNDER_WAY = ("stProgress", "stSkeleton", "stStatusWidget")
"""What Streamlit shows while work, a part of a page, or its script is not done."""


def main() -> int:
    """Build the sample fleet where it is missing, serve it, and write the pictures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--home", type=Path, default=ROOT / demo.DEFAULT_HOME)
    home = options.parse_args().home.absolute()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.stderr.write("There is no Chromium: make browser installs it.\n")
        return 2
    demo.build(home, say=print)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with served(home) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for theme in THEMES:
            for width, height in SIZES:
                take(browser, address, theme, width, height)
        browser.close()
    total = sum(file.stat().st_size for file in FOLDER.glob("*.png"))
    print(f"{total / 1e6:.2f} MB in {FOLDER.relative_to(ROOT)}")
    return 0 if total <= MOST_BYTES else 1


@contextmanager
def served(home: Path) -> Iterator[str]:
    """Serve `home` on a free port as long as the context lasts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "app.cli", "serve", "--home", str(home), "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        wait_until_healthy(f"http://127.0.0.1:{port}/_stcore/health", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_SECONDS)


def wait_until_healthy(url: str, process: "subprocess.Popen[bytes]") -> None:
    """Wait for the server's first healthy answer."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(url):  # noqa: S310 - our own server
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"The server did not answer at {url}.")


def take(browser: Browser, address: str, theme: str, width: int, height: int) -> None:
    """Picture every page in one size and theme."""
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)
    page = context.new_page()
    for entries in navigation.SECTIONS.values():
        for _, _, url, _ in entries:
            page.set_viewport_size({"width": width, "height": height})
            path = "" if url == navigation.home_of(navigation.DEFAULT_VIEW) else url
            page.goto(f"{address}/{path}?{PICTURED.get(url, '')}")
            expect(page.locator("h1")).to_have_count(1, timeout=PATIENCE_SECONDS * 1_000)
            wait_until_still(page)
            tall = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
            page.set_viewport_size({"width": width, "height": min(max(height, tall), TALLEST)})
            page.wait_for_timeout(SETTLE_MILLISECONDS // 2)
            file = FOLDER / f"{url}_{theme}_{width}.png"
            save(page.screenshot(), file)
            print(f"{file.name}  {file.stat().st_size / 1e3:.0f} kB")
    context.close()


def wait_until_still(page: Page) -> None:
    """Wait until no work has been under way for a while: a page begins its second work when the first has ended."""
    deadline = time.monotonic() + WORK_SECONDS
    still_since = time.monotonic()
    while time.monotonic() < still_since + STILL_SECONDS:
        if time.monotonic() > deadline:
            raise SystemExit(f"The work under {page.url} did not end in {WORK_SECONDS} s.")
        page.wait_for_timeout(POLL_MILLISECONDS)
        if any(page.get_by_test_id(name).count() for name in UNDER_WAY):
            still_since = time.monotonic()


def save(picture: bytes, file: Path) -> None:
    """Write a picture with a palette that keeps rare colours (one warning among much grey)."""
    full = Image.open(io.BytesIO(picture)).convert("RGB")
    full.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(file, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
