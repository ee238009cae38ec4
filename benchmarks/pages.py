"""Figures of the pages: one script run of each page over the sample fleet, cold and warm, without a browser.

Run with ``python -m benchmarks.pages [--home .watchroom-demo]``; the fleet is built where it is missing.
"""

import argparse
import os
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING

from app import demo, navigation
from core.jobs.service import run_worker

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

RUNS = 15
WORKED_OUT = ("engineering/segments.py", "engineering/attribution.py", "engineering/explain.py")
"""Pages that show the results of long work: it is done first, so that they read what is stored."""

ASKED = {"model": "credit-risk", "version": "v1", "window": "2013-12-02..2013-12-16"}
MOST_ROUNDS = 5


def main() -> None:
    """Run every page and print its times."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, default=Path(demo.DEFAULT_HOME))
    home = parser.parse_args().home.absolute()
    demo.build(home, say=print)
    os.environ["WATCHROOM_HOME"] = str(home)
    from streamlit.testing.v1 import AppTest

    for entries in navigation.SECTIONS.values():
        for file, title, *_ in entries:
            page = AppTest.from_file(str(demo.ROOT / "app" / "main.py"), default_timeout=60)
            if file in (*WORKED_OUT, "governance/fairness.py"):
                page.query_params.update(ASKED)
            began = time.perf_counter()
            page.run()
            if file != "engineering/fleet.py":
                page.switch_page(f"../pages/{file}").run()
            cold = time.perf_counter() - began
            if file in WORKED_OUT:
                work_out(page, home)
            times = []
            for _ in range(RUNS):
                began = time.perf_counter()
                page.run()
                times.append(time.perf_counter() - began)
            if page.exception:
                raise SystemExit(f"{title}: {page.exception[0].value}")
            print(
                f"{title:<8} first run {1000 * cold:5.0f} ms, warm {1000 * statistics.median(times):4.0f} ms "
                f"(median of {RUNS}, slowest {1000 * max(times):.0f} ms)"
            )


def work_out(page: "AppTest", home: Path) -> None:
    """Do the jobs that a page asked for, until it asks for no more."""
    for _ in range(MOST_ROUNDS):
        if not run_worker(home, target="app.jobs:run", once=True):
            return
        page.run()


if __name__ == "__main__":
    main()
