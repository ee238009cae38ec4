import errno
import shutil
from datetime import date

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from core.errors import ConflictError
from core.log.delta import (
    PREDICTIONS,
    add_action,
    commit,
    committed,
    ensure_table,
    open_log,
    remove_action,
    remove_leftovers,
    unwritable,
    vacuum,
)
from core.log.writing import Target, write_file

DAY = date(2013, 7, 1)


@pytest.fixture
def root(tmp_path):
    root = tmp_path / PREDICTIONS
    ensure_table(root, [("f_0001", pa.float64())])
    return root


def rows(*ids, batch=1, version=1, actual=None):
    n = len(ids)
    return pa.table(
        {
            "id": pa.array(ids),
            "version": pa.array([version] * n, pa.int32()),
            "role": ["served"] * n,
            "batch": pa.array([batch] * n, pa.int64()),
            "actual": pa.array([actual] * n, pa.int8()),
            "score": [0.5] * n,
        }
    )


def written(root, folder="b1", **options):
    return write_file(Target(root, folder), DAY, rows("a", "b", **options), 0)


def test_a_log_that_is_not_there_is_empty(tmp_path):
    log = open_log(tmp_path)
    assert (log.predictions.version, log.predictions.files, log.version) == (-1, (), 0)
    assert "score" in log.predictions.schema.names


def test_nothing_is_true_before_the_commit_and_all_of_it_after(root):
    action = written(root)
    assert open_log(root.parent).predictions.files == ()
    assert not committed(root, "1")
    commit(root, [action], transaction="1")
    (file,) = open_log(root.parent).predictions.files
    assert committed(root, "1")
    assert (file.day, file.rows, file.ids, file.batches, file.versions, file.roles) == (
        DAY,
        2,
        ("a", "b"),
        (1, 1),
        (1, 1),
        ("served", "served"),
    )
    assert not file.labelled


def test_files_with_labels_of_their_own_are_known_by_their_statistics(root):
    commit(root, [written(root, actual=1)], transaction="1")
    assert open_log(root.parent).predictions.files[0].labelled


def test_a_folder_that_was_made_anew_is_read_anew(root):
    commit(root, [written(root)], transaction="1")
    assert open_log(root.parent).predictions.files[0].rows == 2
    shutil.rmtree(root)
    ensure_table(root, [])
    commit(root, [write_file(Target(root, "b1"), DAY, rows("a", "b", "c"), 0)], transaction="1")
    assert open_log(root.parent).predictions.files[0].rows == 3


def test_one_commit_can_add_and_remove(root):
    commit(root, [written(root)], transaction="1")
    (old,) = open_log(root.parent).predictions.files
    commit(root, [remove_action(old), written(root, "r1", batch=2)], transaction="revert-1")
    (new,) = open_log(root.parent).predictions.files
    assert new.path.startswith("r1/")
    assert DeltaTable(root).version() == 2


def test_the_version_of_the_log_grows_with_every_commit(root):
    before = open_log(root.parent).version
    commit(root, [written(root)])
    assert open_log(root.parent).version > before


def test_columns_of_a_later_schema_are_added_once(root):
    ensure_table(root, [("f_0001", pa.float64()), ("f_0002", pa.string())])
    version = open_log(root.parent).predictions.version
    ensure_table(root, [("f_0002", pa.string())])
    now = open_log(root.parent).predictions
    assert (now.version, "f_0002" in now.schema.names) == (version, True)


def test_what_a_crash_left_is_removed_by_its_folder(root):
    written(root, "b7")
    remove_leftovers(root.parent, "b7")
    assert not (root / "b7").exists()
    remove_leftovers(root.parent, "b7")


def test_files_that_a_reader_of_the_last_week_may_need_stay(root):
    commit(root, [written(root)], transaction="1")
    (old,) = open_log(root.parent).predictions.files
    commit(root, [remove_action(old)])
    assert vacuum(root) == 0
    assert (root / old.path).exists()
    assert vacuum(root.parent / "none") == 0


def test_waiting_rows_have_no_day(root):
    write_file(Target(root, "b1"), None, rows("a"), 0)
    action = add_action(
        root,
        "b1/unmatched-00000.parquet",
        day=None,
        statistics={"numRecords": 1, "minValues": {"id": "a"}, "maxValues": {"id": "a"}, "nullCount": {}},
    )
    commit(root, [action])
    assert open_log(root.parent).predictions.of_day(None)[0].rows == 1
    assert open_log(root.parent).predictions.days == ()


def test_a_damaged_log_is_named_with_what_to_do(root):
    commit(root, [written(root)])
    newest = max((root / "_delta_log").glob("*.json"))
    newest.write_text('{"add": ')
    for look in (lambda: open_log(root.parent), lambda: committed(root, "1"), lambda: commit(root, [])):
        with pytest.raises(ConflictError, match=r"is damaged .* restore the store from a copy"):
            look()


def test_what_to_do_when_the_log_cannot_be_written_depends_on_why():
    full = OSError(errno.ENOSPC, "No space left on device")
    assert unwritable(full) == "cannot be written (No space left on device); free space, then repeat."
    denied = "cannot be written (Permission denied); look at the permissions of its folder."
    assert unwritable(PermissionError(errno.EACCES, "")) == denied
    assert unwritable(OSError("Permission denied (os error 13)")) == denied.replace("P", "p")
    assert unwritable(OSError("odd")) == "cannot be written (the disk does not take it); free space, then repeat."
