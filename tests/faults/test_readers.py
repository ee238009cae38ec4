"""A long intake beside eight readers and a check: nobody ever meets a locked database."""

import subprocess
import sys
from pathlib import Path

from core.access.principal import LOCAL
from core.checks.service import recent_states
from core.home.service import freeze_clock
from core.inventory.service import add_model, add_version
from core.log.schema import load_schema
from core.store.database import open_store
from tests.small_fleet import NOW, SERVED_START, frame, write_files

ROOT = Path(__file__).parents[2]
DAYS = 100
READ = """
import sys, time
from app.cli import run
stop = time.monotonic() + 25
done = 0
while not __import__("pathlib").Path(sys.argv[2]).exists() and time.monotonic() < stop:
    for words in (["metrics", "churn", "--family", "drift"], ["model", "show", "churn"], ["audit", "verify"]):
        left = run([*words, "--home", sys.argv[1], "--json"])
        if left:
            sys.exit(10 + left)
        done += 1
sys.stderr.write(f"reads {done}\\n")
"""
CHECK = READ.replace(
    '(["metrics", "churn", "--family", "drift"], ["model", "show", "churn"], ["audit", "verify"])',
    '(["check", "churn"],)',
).replace("if left:", "if left not in (0, 1):")


def start(code: str, *arguments: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )


def test_a_hundred_days_are_taken_in_beside_eight_readers_and_a_check(store, tmp_path):
    files = write_files(tmp_path / "files")
    store = freeze_clock(store, LOCAL, NOW.replace(month=8))
    add_model(store, LOCAL, load_schema(files.schema))
    add_version(store, LOCAL, model="churn", version="v1", artifact_sha256=None, has_reference=False)
    served = frame(SERVED_START, DAYS, seed=3, prefix="d")
    for n in range(DAYS // 10):
        part = served.slice(n * 1500, 1500)
        part.write_parquet(tmp_path / f"part-{n}.parquet")
    done = tmp_path / "done"
    readers = [start(READ, str(store.home), str(done)) for _ in range(8)]
    checker = start(CHECK, str(store.home), str(done))
    intake = (
        "import sys; from app.cli import run;"
        "sys.exit(max(run(['ingest', 'churn', 'v1', file, '--home', sys.argv[1]]) for file in sys.argv[2:]))"
    )
    taken = start(intake, str(store.home), *(str(tmp_path / f"part-{n}.parquet") for n in range(DAYS // 10)))
    _, said = taken.communicate(timeout=120)
    done.touch()
    assert taken.returncode == 0, said
    for client in (*readers, checker):
        _, said = client.communicate(timeout=60)
        assert client.returncode == 0, said
        assert "locked" not in said
        assert int(said.rpartition("reads ")[2]) > 0
    assert len(recent_states(open_store(store.home), model="churn", count=1000)) == DAYS
