"""Figures of the pages: one script run of each page over the sample fleet, cold and warm, without a browser.

Run with ``python -m benchmarks.pages [--home .watchroom-demo]``; the fleet is built where it is missing.
"""

import argparse
import os
import statistics
import time
from pathlib import Path

from app import demo, navigation

RUNS = 15


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
            began = time.perf_counter()
            page.run()
            if file != "engineering/fleet.py":
                page.switch_page(f"../pages/{file}").run()
            cold = time.perf_counter() - began
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


if __name__ == "__main__":
    main()
