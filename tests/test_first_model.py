"""The walk of docs/first-model.md, command by command as it stands there, on three real data sets."""

import json
import re
import shlex
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import accuracy_score, f1_score, mean_absolute_error, root_mean_squared_error

from app.cli import run

WALK = Path(__file__).parents[1] / "docs/first-model.md"
SLICES = 21


@dataclass(frozen=True)
class Walk:
    """A data set, how its person confirms the guess, and what the guess must have found by itself.

    Attributes
    ----------
    known_after : tuple of str
        Columns that are known only after the prediction; the person takes them out of the features.
    guessed : mapping of line to what must stand in it
    """

    file: str
    label: str
    task: str
    known_after: tuple[str, ...]
    guessed: tuple[str, ...]
    confirmed: tuple[tuple[str, str], ...] = ()


WALKS = {
    "bank_marketing": Walk(
        file="bank_marketing/bank_full_clean.parquet",
        label="y",
        task="binary",
        known_after=("duration",),
        guessed=(
            "task: binary",
            "prediction_id: row",
            "score: score",
            'actual: "y"',
            "grain: batch",
            "{column: slice}",
        ),
    ),
    "elec2": Walk(
        file="elec2/electricity.parquet",
        label="class",
        task="binary",
        known_after=("date",),
        guessed=("task: binary", "prediction_id: row", "score: score", "actual: class", "grain: batch"),
    ),
    "bike_sharing": Walk(
        file="bike_sharing/hour.parquet",
        label="cnt",
        task="regression",
        known_after=("casual", "registered"),
        guessed=("task: regression", "prediction_id: instant", "timestamp: dteday", "predicted_cnt", "actual: cnt"),
        confirmed=(("timezone: UTC", "timezone: America/New_York"),),
    ),
}
POSITIVE = {"bank_marketing": "yes", "elec2": "UP"}


def scored(rows: pl.DataFrame, walk: Walk, positive: str | None) -> pl.DataFrame:
    """Train a small model on the first third and write what it says of every row beside it."""
    features = rows.drop(walk.label, *walk.known_after, "dteday", strict=False)
    codes = features.with_columns(pl.col(pl.String).cast(pl.Categorical).to_physical()).to_numpy().astype(np.float64)
    first = rows.height // 3
    if walk.task == "regression":
        regressor = HistGradientBoostingRegressor(max_iter=30, random_state=0)
        regressor.fit(codes[:first], rows[walk.label].to_numpy()[:first])
        return rows.with_columns(predicted_cnt=pl.Series(regressor.predict(codes)))
    truth = (rows[walk.label] == positive).to_numpy()
    classifier = HistGradientBoostingClassifier(max_iter=30, random_state=0).fit(codes[:first], truth[:first])
    return rows.with_columns(score=pl.Series(classifier.predict_proba(codes)[:, 1])).with_row_index("row")


def commands() -> list[list[str]]:
    """Return the commands of the document, in order, each as words without the program's name."""
    blocks = re.findall(r"```sh\n(.*?)```", WALK.read_text(encoding="utf-8"), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line.startswith("watchroom ")]
    return [shlex.split(line)[1:] for line in lines]


def confirmed(text: str, walk: Walk) -> str:
    """Do what the document tells the person to do with the guess."""
    assert "# MISSING" not in text
    for line in walk.guessed:
        assert line in text, text
    text = re.sub(r"^model: \S+", "model: my-model", text, flags=re.MULTILINE)
    for name in walk.known_after:
        text = re.sub(rf"(numeric: \[.*?)\b{name}\b(?:, )?", r"\1", text)
    text = re.sub(r"(, )?\](?=\n    (#|categorical))", "]", text)
    for old, new in walk.confirmed:
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.fixture(params=WALKS)
def walked(request, shared, tmp_path, monkeypatch, capsys):
    """Go the whole walk in an empty folder; returns (data set, reference, rows taken in, answers)."""
    walk, folder = WALKS[request.param], tmp_path / "mine"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.delenv("WATCHROOM_HOME", raising=False)
    rows = scored(pl.read_parquet(shared / "data" / walk.file), walk, POSITIVE.get(request.param))
    if walk.task == "binary":
        rows = rows.with_columns(slice=pl.int_range(rows.height) * SLICES // rows.height)
    first = rows.height // 3
    rows[:first].write_csv(folder / "training.csv")
    rows[first:].write_csv(folder / "predictions.csv")
    answers = {}
    begun = time.monotonic()
    asked = [words for words in commands()[:-1] if walk.task == "regression" or "--window" not in words]
    for words in asked:
        answers[" ".join(words)] = followed(words, capsys, walk, folder)
    assert time.monotonic() - begun < 300, "the first report takes five minutes at most"
    return request.param, rows[:first], rows[first:], answers


def followed(words, capsys, walk, folder):
    """Run one command as it stands; a guess is written to its file and confirmed there."""
    if ">" in words:
        words, (target,) = words[: words.index(">")], words[words.index(">") + 1 :]
        assert run(words) == 0
        (folder / target).write_text(confirmed(capsys.readouterr().out, walk), encoding="utf-8")
        return None
    code = run([*words, "--json"] if words[0] != "init" else words)
    captured = capsys.readouterr()
    assert code == 0 or (code == 1 and words[0] == "check"), captured.err
    return json.loads(captured.out) if words[0] != "init" else captured.out


def test_the_document_ends_with_the_page_and_names_only_commands_that_exist(capsys):
    assert commands()[-1] == ["serve"]
    assert len(commands()) == 10
    for words in commands():
        assert run([*words[: 2 if words[0] in ("model", "version") else 1], "--help"]) == 0
    assert "Usage" in capsys.readouterr().out


def test_a_person_comes_from_their_own_csv_to_the_first_report(walked):
    name, reference, rows, answers = walked
    assert answers["version add my-model v1 --reference training.csv"]["reference_rows"] == reference.height
    (file,) = answers["ingest my-model v1 predictions.csv"]["files"]
    assert (file["accepted"], file["quarantined"], file["refused"]) == (rows.height, 0, False)
    verdicts = answers["check my-model"]["verdicts"]
    assert {"drift", "performance"} <= {one["family"] for one in verdicts}
    asked = [answer for words, answer in answers.items() if "--family drift" in words]
    points = [point for answer in asked for point in answer["points"]]
    assert all(point["reason"] for point in points if point["status"] == "not_applicable")
    assert any(point["metric"] == "psi" and point["value"] is not None for point in points)
    points = answers["metrics my-model --family performance"]["points"]
    found = {point["metric"]: point for point in points if point["value"] is not None}
    expected, n = exact(name, rows)
    assert {metric: found[metric]["n"] for metric in expected} == dict.fromkeys(expected, n)
    assert {metric: found[metric]["value"] for metric in expected} == pytest.approx(expected, rel=1e-9)


def exact(name, rows):
    """Return what scikit-learn says of the last window, and its rows."""
    if name == "bike_sharing":
        last = rows.filter(pl.col("dteday") == rows["dteday"].max())
        truth, said = last["cnt"].to_numpy(), last["predicted_cnt"].to_numpy()
        return {"mae": mean_absolute_error(truth, said), "rmse": root_mean_squared_error(truth, said)}, last.height
    last = rows.filter(pl.col("slice") == rows["slice"].max())
    truth = (last[WALKS[name].label] == POSITIVE[name]).to_numpy()
    said = last["score"].to_numpy() >= 0.5
    return {"accuracy": accuracy_score(truth, said), "f1": f1_score(truth, said)}, last.height
