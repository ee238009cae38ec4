"""A page in Chromium, and what went wrong on it."""

import re

from playwright.sync_api import ConsoleMessage, Page, expect

KNOWN_404 = re.compile(r"/(_stcore/health|host-config|_stcore/host-config)$")
PATIENCE = 30_000


class Watched:
    """A page and what went wrong on it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.wrong: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.wrong.append(f"page error: {error}"))
        page.on("request", lambda request: self._request(request.url))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not KNOWN_404.search(message.location.get("url", "")):
            self.wrong.append(f"console: {message.text}")

    def _request(self, url: str) -> None:
        if not url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")):
            self.wrong.append(f"other host: {url}")

    def open(self, url: str) -> None:
        self.page.goto(url)
        self.settled()

    def settled(self) -> None:
        expect(self.page.locator("h1")).to_have_count(1, timeout=PATIENCE)
        expect(self.page.locator("[data-testid=stStatusWidget]")).to_have_count(0, timeout=PATIENCE)
        expect(self.page.locator("[data-testid=stSkeleton]")).to_have_count(0, timeout=PATIENCE)
        assert self.page.locator("[data-testid=stException]").count() == 0

    def click_table(self, x: int, y: int) -> None:
        """Click into the first table, whose cells are a canvas; x and y count from its corner."""
        table = self.page.locator("[data-testid=stDataFrame] canvas").first
        table.wait_for(timeout=PATIENCE)
        self.page.wait_for_timeout(500)
        place = table.bounding_box()
        assert place is not None
        self.page.mouse.click(place["x"] + x, place["y"] + y)
