"""A change and its audit entry are one: kill -9 at random points never leaves one without the other."""

import json
import subprocess
import sys

KILLS = 40

# One warm process forks a writer for every round: a fork takes milliseconds, a new interpreter half a second.
ROUNDS = """
import json, os, random, signal, sys, time
from pathlib import Path
from sqlalchemy import event
from core.access.principal import LOCAL
from core.access.service import add_person, people
from core.audit import service as audit
from tests.audited import newest
from core.store.database import open_store

home, kills = Path(sys.argv[1]), int(sys.argv[2])
random.seed(7)

def write_for_ever(round_number, ready):
    store = open_store(home)
    event.listen(store.engine, "before_cursor_execute", lambda *_: time.sleep(random.random() * 0.0006))
    os.write(ready, b"x")
    for n in range(10_000):
        add_person(store, LOCAL, f"person {round_number}-{n}", ["viewer"])

for round_number in range(kills):
    listening, ready = os.pipe()
    pid = os.fork()
    if pid == 0:
        write_for_ever(round_number, ready)
    os.read(listening, 1)
    time.sleep(random.random() * 0.2)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(listening)
    os.close(ready)
    store = open_store(home)
    with store.write():
        pass  # what the server had still in hand for the one that was killed has ended
    changed = {person.name for person in people(store)}
    told = [entry.object_id for entry in newest(store, n=100_000)]
    assert len(told) == len(set(told)) and changed == set(told), changed ^ set(told)
    report = audit.verify(store)
    assert report.ok, report
    store.engine.dispose()
print(json.dumps({"changes": len(changed)}))
"""


def test_no_kill_9_leaves_a_change_without_its_entry_or_an_entry_without_its_change(both):
    both.engine.dispose()
    run = subprocess.run(
        [sys.executable, "-c", ROUNDS, str(both.home), str(KILLS)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["changes"] > KILLS / 3
