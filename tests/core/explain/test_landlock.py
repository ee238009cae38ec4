import subprocess
import sys

import pytest

from core.explain.landlock import CODE, readable

WALLED = (
    "import ctypes, os, sys\n"
    "from core.explain import landlock\n"
    "libc = ctypes.CDLL(None, use_errno=True)\n"
    "libc.prctl(38, 1, 0, 0, 0)\n"
    "told = landlock.put_in_force(libc, (*landlock.readable(), sys.argv[1]))\n"
    "def ended(attempt):\n"
    "    try:\n"
    "        attempt()\n"
    "    except OSError as error:\n"
    "        return error.strerror\n"
    "    return 'possible'\n"
)
REFUSED = "Permission denied"


def walled(allowed, attempts: list[str]) -> list[str]:
    """Return how attempts end in a process that may read `allowed` besides; skips where the kernel has no Landlock."""
    lines = "".join(f"print(ended(lambda: {attempt}))\n" for attempt in attempts)
    argv = [sys.executable, "-c", WALLED + "print(told)\n" + lines, str(allowed)]
    why, *found = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split("\n")[:-1]
    if why:
        pytest.skip(why)
    return found


def test_only_what_lies_below_the_given_paths_is_read_and_nothing_is_written(tmp_path):
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    for folder in (inside, outside):
        folder.mkdir()
        (folder / "file").write_text("words")
    (inside / "link").symlink_to(outside / "file")
    attempts = {
        f"open({str(inside / 'file')!r})": "possible",
        f"os.listdir({str(inside)!r})": "possible",
        f"open({str(outside / 'file')!r})": REFUSED,
        f"os.listdir({str(outside)!r})": REFUSED,
        f"open({str(inside / 'link')!r})": REFUSED,
        f"open('/proc/self/root{outside / 'file'}')": REFUSED,
        f"open({str(inside / 'new')!r}, 'w')": REFUSED,
        f"os.unlink({str(inside / 'file')!r})": REFUSED,
        f"os.mkdir({str(inside / 'folder')!r})": REFUSED,
        "open('/etc/passwd')": REFUSED,
        "os.listdir('/proc')": REFUSED,
        "open(os.__file__)": "possible",
    }
    assert dict(zip(attempts, walled(inside, list(attempts)), strict=True)) == attempts


def test_libraries_are_imported_behind_the_wall(tmp_path):
    imports = "[__import__(name) for name in ('numpy', 'pyarrow', 'sklearn.ensemble', 'scipy.special', 'shap')]"
    assert walled(tmp_path, [imports]) == ["possible"]


def test_of_watchroom_only_the_code_is_read_since_a_store_may_lie_beside_it():
    paths = readable()
    assert str(CODE) in paths
    assert CODE.name == "core"
    assert str(CODE.parent) not in paths
    assert "/" not in paths


def test_a_kernel_without_landlock_is_told_in_words(tmp_path):
    script = (
        "import ctypes\nfrom core.explain import landlock\nlandlock.CREATE_RULESET = 5000\n"
        "print(landlock.put_in_force(ctypes.CDLL(None, use_errno=True), ()))\n"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert told == "the kernel has no Landlock (Function not implemented)\n"
