import os
import signal
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
import skops.io
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from core.errors import BadInputError
from core.explain import probing
from core.explain.confine import OTHER_FILE
from core.explain.limits import Limits, environment
from core.explain.sandbox import EMPTY, Sandbox, SandboxError, SandboxTask, checked_descriptor, run
from core.explain.values import ScoredModel, from_table
from tests.core.explain.models import saved

ROWS = pa.table({"a": np.linspace(-1, 1, 200), "b": np.linspace(0, 3, 200)})
MODEL = ScoredModel(task="binary", features=("a", "b"))


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    rng = np.random.default_rng(0)
    fitted = LogisticRegression().fit(rng.normal(size=(80, 2)), rng.integers(0, 2, 80))
    return saved(tmp_path_factory.mktemp("models"), skops.io.dumps(fitted))


@pytest.fixture(scope="module")
def forest(tmp_path_factory):
    rng = np.random.default_rng(0)
    fitted = RandomForestClassifier(60).fit(rng.normal(size=(3_000, 2)), rng.integers(0, 2, 3_000))
    return saved(tmp_path_factory.mktemp("forest"), skops.io.dumps(fitted))


def exposed() -> str:
    """Return why this kernel keeps no process from reading files; empty when it does."""
    script = (
        "import ctypes\nfrom core.explain import landlock\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        "libc.prctl(38, 1, 0, 0, 0)\nprint(landlock.put_in_force(libc, ()), end='')\n"
    )
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout


def test_the_child_can_open_no_socket_write_no_file_and_start_no_program():
    _, attempts = probing.examine_sandbox()
    assert set(attempts) == {
        "socket", "connection", "local socket", "new file", OTHER_FILE, "program", "process", "signal",
        "signal to a thread", "signal by a pipe", "limits of the parent",
    }  # fmt: skip
    assert {what for what, ended in attempts.items() if ended == "possible"} <= ({OTHER_FILE} if exposed() else set())


@pytest.mark.skipif(bool(exposed()), reason=f"files can be read here: {exposed()}")
def test_the_child_reads_no_file_of_another_folder_and_says_so():
    confinement, attempts = probing.examine_sandbox()
    assert confinement.exposed == ""
    assert attempts[OTHER_FILE] == "Permission denied"


def test_the_child_has_a_network_namespace_of_its_own_or_says_why_not():
    confinement, _ = probing.examine_sandbox()
    assert confinement.isolated or "refused" in confinement.reason


def test_where_the_kernel_refuses_namespaces_the_child_says_so_and_is_still_filtered():
    script = (
        "import ctypes, os\n"
        "from core.explain import confine, syscalls\n"
        "from core.explain.limits import Limits\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "libc.prctl(38, 1, 0, 0, 0)\n"
        "assert syscalls.put_in_force(libc) == ''\n"
        "print(confine.confine(Limits(), os.getppid()))\n"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert "isolated=False" in told
    assert "the kernel refused a network namespace" in told
    assert "filtered=True" in told


def test_one_task_is_answered_by_a_child_that_is_gone_afterwards(file):
    table = run(*file, SandboxTask(kind="predict", model=MODEL, rows=ROWS))
    fitted = skops.io.load(file[0])
    expected = fitted.predict_proba(np.column_stack([ROWS["a"], ROWS["b"]]))[:, 1]
    np.testing.assert_allclose(table["answer:0"].to_numpy(), expected, atol=1e-12)


def test_the_answer_comes_back_as_arrow_and_reads_as_shap_values(file):
    settings = {"of_class": None, "sampled": False}
    task = SandboxTask(kind="shap", model=MODEL, rows=ROWS, background=ROWS.slice(0, 50), settings=settings)
    assert from_table(run(*file, task)).values.shape == (200, 2)


def test_a_tampered_file_is_refused(file, tmp_path):
    path, digest = file
    changed = tmp_path / "changed"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    changed.write_bytes(content)
    with pytest.raises(BadInputError, match="is not the one that was registered"):
        run(changed, digest, SandboxTask(kind="predict", model=MODEL, rows=ROWS))


def test_a_file_changed_between_the_check_and_the_opening_is_refused_by_the_child(file, tmp_path):
    path, digest = file
    changed = tmp_path / "changed"
    changed.write_bytes(path.read_bytes())
    with Sandbox(changed, digest) as child:
        with changed.open("r+b") as stream:
            stream.write(b"other")
        with pytest.raises(BadInputError, match="was changed after it was registered"):
            child.open_model(MODEL)


def test_a_missing_file_and_a_link_are_refused(file, tmp_path):
    (tmp_path / "link").symlink_to(file[0])
    for path in (tmp_path / "nowhere", tmp_path / "link"):
        with pytest.raises(BadInputError, match="cannot be read"):
            checked_descriptor(path, file[1])


def test_the_limit_of_memory_ends_the_work_with_one_sentence(file):
    column = np.zeros(6_000_000)
    task = SandboxTask(kind="predict", model=MODEL, rows=pa.table({"a": column, "b": column}))
    with pytest.raises(SandboxError, match=r"more than the 0\.732 GiB of memory"):
        run(*file, task, limits=Limits(memory=750 * 2**20))


def test_the_limit_of_wall_clock_time_ends_the_work_with_one_sentence(forest):
    with pytest.raises(SandboxError, match=r"took longer than the 0\.2 seconds"):
        run(*forest, SandboxTask(kind="predict", model=MODEL, rows=ROWS), limits=Limits(seconds=0.2))


def test_the_limit_of_cpu_time_ends_the_work_with_one_sentence(forest):
    task = SandboxTask(kind="shap", model=MODEL, rows=ROWS, settings={"of_class": None, "sampled": False})
    with pytest.raises(SandboxError, match="more than the 1 CPU seconds"):
        run(*forest, task, limits=Limits(cpu_seconds=1))


def test_a_child_that_is_killed_is_told_of_in_one_sentence(file):
    with Sandbox(*file) as child:
        child.open_model(MODEL)
        os.kill(child.pid, signal.SIGKILL)
        with pytest.raises(SandboxError, match="ended by signal 9"):
            child.ask("predict", {}, ROWS)


def test_the_child_goes_when_its_parent_is_killed(file):
    script = (
        "import sys, time\nfrom pathlib import Path\nfrom core.explain.sandbox import Sandbox\n"
        f"child = Sandbox(Path({str(file[0])!r}), {file[1]!r}).__enter__()\n"
        "child.ask('probe', {'port': 9, 'folder': '/tmp'}, __import__('pyarrow').table({}))\n"
        "print(child.pid, flush=True)\ntime.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    descriptor = os.pidfd_open(pid)
    parent.kill()
    parent.wait()
    import select

    assert select.select([descriptor], [], [], 10)[0], "the child outlived its parent"
    os.close(descriptor)


def test_the_child_knows_nothing_of_the_parents_environment(file, monkeypatch):
    monkeypatch.setenv("WATCHROOM_SECRET", "never")
    assert "never" not in environment().values()
    with Sandbox(*file) as child:
        child.ask("probe", {"port": 9, "folder": "/tmp"}, EMPTY)
        assert child.pid > 0


def test_a_request_before_the_file_was_opened_is_refused(file):
    with Sandbox(*file) as child, pytest.raises(BadInputError, match="not opened yet"):
        child.ask("predict", {}, ROWS)


def test_a_child_that_falls_silent_and_lives_on_is_ended(file):
    with Sandbox(*file, limits=Limits(seconds=60)) as child:
        child.open_model(MODEL)
        heard = child._answers
        child._answers, writing = os.pipe()
        os.close(writing)  # as when the child closes its end, and waits
        with pytest.raises(SandboxError, match="ended by signal 9"):
            child.ask("predict", {}, ROWS.slice(0, 1))
        os.close(heard)


def test_what_the_child_wrote_last_is_told_however_it_came_to_an_end(tmp_path):
    cut = b"tree\nversion=v4\nnum_class=1\nfeature_names=a b\nmax_feature_idx=1\nend of trees\n"
    with Sandbox(*saved(tmp_path, cut)) as child, pytest.raises(BadInputError, match="LightGBM cannot read it") as told:
        child.open_model(MODEL)
    assert "File" not in str(told.value)
