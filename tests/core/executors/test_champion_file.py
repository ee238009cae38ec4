import json
import os
from dataclasses import replace
from datetime import UTC, datetime

from core.executors import champion_file
from core.executors.champion_file import Champion, Share, content, differing, put

CHAMPION = Champion(
    model="churn",
    model_key="m0001",
    version="v1",
    artifact_sha256="a" * 64,
    since=datetime(2026, 3, 4, 12, tzinfo=UTC),
    release=None,
    event_id=None,
    on_its_way=None,
)


def test_the_document_names_the_version_its_artefact_and_what_is_on_its_way():
    share = Share(version="v2", artifact_sha256=None, mode="canary", share=0.05, release=7, step=1, steps=2)
    told = json.loads(content(replace(CHAMPION, release=3, event_id="e-1", on_its_way=share)))
    assert told["format"] == 1
    assert (told["version"], told["since"], told["release"]) == ("v1", "2026-03-04T12:00:00+00:00", 3)
    assert told["on_its_way"] == {
        "version": "v2",
        "artifact_sha256": None,
        "mode": "canary",
        "share": 0.05,
        "release": 7,
        "step": 1,
        "steps": 2,
    }


def test_a_file_is_written_read_and_taken_away(tmp_path):
    assert differing(tmp_path, {"m0001": CHAMPION, "m0002": None}) == ("m0001",)
    put(tmp_path, "m0001", CHAMPION)
    assert differing(tmp_path, {"m0001": CHAMPION}) == ()
    assert differing(tmp_path, {"m0001": replace(CHAMPION, version="v2")}) == ("m0001",)
    put(tmp_path, "m0001", None)
    assert list(tmp_path.iterdir()) == []
    put(tmp_path, "m0001", None)


def test_a_reader_never_finds_half_a_file(tmp_path, monkeypatch):
    put(tmp_path, "m0001", CHAMPION)
    seen = []
    sync = os.fsync

    def looking(descriptor: int) -> None:
        seen.append((tmp_path / "m0001.json").read_bytes())
        sync(descriptor)

    monkeypatch.setattr(champion_file.os, "fsync", looking)
    after = replace(CHAMPION, version="v2")
    put(tmp_path, "m0001", after)
    assert seen == [content(CHAMPION), content(after)]  # the content is on the disk before its name, then the name is
    assert [path.name for path in tmp_path.iterdir()] == ["m0001.json"]
