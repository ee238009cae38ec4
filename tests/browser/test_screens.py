"""Pictures of pages are taken when all work under a page has ended, not between two pieces of it."""

import time

from benchmarks.screens import wait_until_still

WORK_AFTER_WORK = """<h1>x</h1><div data-testid="stProgress"></div><script>
const show = (on) => { document.querySelector('div')?.remove();
  if (on) document.body.insertAdjacentHTML('beforeend', '<div data-testid="stProgress"></div>'); };
setTimeout(() => show(false), 500); setTimeout(() => show(true), 1500); setTimeout(() => show(false), 2500);
</script>"""


def test_a_second_piece_of_work_is_waited_for(chromium):
    page = chromium.new_page()
    page.set_content(WORK_AFTER_WORK)
    began = time.monotonic()
    wait_until_still(page)
    assert time.monotonic() - began > 5
    page.close()
