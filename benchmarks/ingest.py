"""Figures of the intake: `watchroom ingest` end to end, against a plain streamed read of the same file.

Run with ``python -m benchmarks.ingest [--rows 1000000 10000000]``. The whole command is measured as a process of its
own: CPU seconds, peak memory (resident), wall time; it reads, judges, writes the log, profiles and evaluates.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks import make_log

REFERENCE_ROWS = 200_000


def cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def scan(file: Path) -> float:
    """Return the CPU seconds of reading every column once, streamed, in a process of its own."""
    code = "import sys, pyarrow.parquet as pq\nfor batch in pq.ParquetFile(sys.argv[1]).iter_batches(): pass"
    before = cpu_of_children()
    subprocess.run([sys.executable, "-c", code, str(file)], check=True)
    return cpu_of_children() - before


def watchroom(home: Path, *arguments: str) -> tuple[float, float, float]:
    """Run a command; returns CPU seconds, wall seconds and peak memory in GB of the process."""
    code = (
        "import resource, sys; from app.cli import run; left = run(sys.argv[1:]);"
        "sys.stderr.write(f'peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}\\n'); sys.exit(left)"
    )
    before, began = cpu_of_children(), time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments, "--home", str(home)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.stderr)
    peak = int(done.stderr.rpartition("peak ")[2]) / 1024**2
    return cpu_of_children() - before, time.monotonic() - began, peak


def measure(folder: Path, n_rows: int) -> None:
    home, file, reference = folder / "home", folder / "log.parquet", folder / "reference.parquet"
    make_log.write(file, n_rows, 7)
    make_log.write(reference, REFERENCE_ROWS, 8)
    watchroom(home, "init")
    watchroom(home, "model", "add", str(folder / "model.yaml"))
    watchroom(home, "version", "add", "bench", "v1", "--reference", str(reference))
    plain = scan(file)
    cpu, wall, peak = watchroom(home, "ingest", "bench", "v1", str(file))
    size = pq.ParquetFile(file).metadata
    print(
        f"ingest {n_rows:>11,} rows × {size.num_columns} columns: {cpu:6.1f} s CPU = {cpu / plain:5.1f} × a plain "
        f"streamed read ({plain:.2f} s), {wall:6.1f} s wall, peak {peak:.2f} GB"
    )


def main() -> None:
    """Measure every size asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000])
    for n_rows in parser.parse_args().rows:
        with tempfile.TemporaryDirectory(prefix="watchroom-bench-") as folder:
            measure(Path(folder), n_rows)


if __name__ == "__main__":
    main()
