"""Page switches are measured when no work is under way, and a page without content is named."""

import pytest

from benchmarks.page_switch import await_content, await_work
from core.access.principal import LOCAL
from core.jobs.service import cancel, submit

DRAWN = """<div data-testid="stApp" data-test-script-state="notRunning"><h1>x</h1>%s</div>
<script>history.replaceState(null, "", "/drift?model=m")</script>"""
SKELETON = '<div data-testid="stSkeleton"></div>'


@pytest.fixture
def page(chromium):
    opened = chromium.new_page()
    yield opened
    opened.close()


def served(page, inside: str) -> None:
    page.route("**/*", lambda route: route.fulfill(content_type="text/html", body=DRAWN % inside))
    page.goto("http://127.0.0.1:9/")


def test_a_page_with_title_and_no_skeleton_has_its_content(page):
    served(page, "")
    await_content(page, "Drift", "/drift", patience=5)
    assert page.locator("h1").count() == 1


@pytest.mark.parametrize(
    ("inside", "path", "told"),
    [(SKELETON, "/drift", "1 skeletons"), ("<h1>y</h1>", "/drift", "2 titles"), ("", "/model", "drift.model=m")],
)
def test_a_page_that_never_settles_is_named_with_what_it_lacks(page, inside, path, told):
    served(page, inside)
    with pytest.raises(SystemExit, match=f"The page Drift has no content after 0.3 s: .*{told}"):
        await_content(page, "Drift", path, patience=0.3)


def test_work_that_pages_have_begun_is_awaited_and_named_when_it_does_not_end(store):
    job = submit(store, LOCAL, "multivariate", {"model": "m"})
    with pytest.raises(SystemExit, match="still under way after 0 s: multivariate"):
        await_work(store.home, patience=0)
    cancel(store, LOCAL, job.id, reason="no worker")
    await_work(store.home, patience=0)
