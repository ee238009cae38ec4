"""Run every benchmark in a process of its own, one after the other: ``make bench``, ARGS="profile" for some.

Each prints its own lines; CPU seconds and peak memory of one do not touch another. The machine stands above them,
because only figures of one run on one machine are to be compared.
"""

import argparse
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BENCHMARKS = ("profile", "estimation", "fairness", "ingest", "pages", "page_switch", "many_models", "explain")
"""Modules of this folder, in the order in which they run."""


def machine() -> str:
    """Return one line about the machine that the figures belong to."""
    n_cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{platform.system()} {platform.machine()}, {n_cpus} cores, Python {platform.python_version()}"


def run(name: str) -> bool:
    """Run one benchmark with its lines passed through; returns whether it ended well."""
    print(f"\n== {name}", flush=True)
    begun = time.monotonic()
    code = subprocess.call([sys.executable, "-m", f"benchmarks.{name}"], cwd=ROOT)
    print(
        f"   {'done' if code == 0 else f'failed with exit code {code}'} in {time.monotonic() - begun:.0f} s", flush=True
    )
    return code == 0


def main() -> int:
    """Run the benchmarks that were named, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {', '.join(BENCHMARKS)}")
    chosen = parser.parse_args().names or BENCHMARKS
    unknown = [name for name in chosen if name not in BENCHMARKS]
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]}; known are {', '.join(BENCHMARKS)}")
    print(machine())
    ended_well = [run(name) for name in chosen]
    return 0 if all(ended_well) else 1


if __name__ == "__main__":
    sys.exit(main())
