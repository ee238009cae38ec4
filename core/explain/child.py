"""The child that opens a model file: confined first, then it checks the file's digest, opens it and answers requests.

Started by `core.explain.sandbox` in a new interpreter. Libraries are imported after the confinement stands.
"""

import hashlib
import json
import os
import sys
import time
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from core.errors import BadInputError, CoreError
from core.explain.confine import confine, probe
from core.explain.limits import Limits

if TYPE_CHECKING:
    import pyarrow as pa

    from core.explain.model import Contributions, Model
    from core.explain.values import ScoredModel

ROWS_AT_ONCE = 500
REPORT_EVERY = 0.5
NO_MEMORY = ("bad_alloc", "bad allocation", "cannot allocate", "unable to allocate", "failed to map", "malloc of size")
NOT_ADDITIVE, BAD_INPUT = "not_additive", "bad_input"


def main(arguments: list[str]) -> None:
    """Run the child: ``main([artefact fd, result fd, parent's pid, memory, CPU seconds])``."""
    artifact_fd, result_fd, parent, memory, cpu_seconds = (int(given) for given in arguments)
    confinement = confine(Limits(memory=memory, cpu_seconds=cpu_seconds), parent)
    warnings.simplefilter("ignore")
    with os.fdopen(result_fd, "wb", buffering=0) as answers, os.fdopen(artifact_fd, "rb") as file:
        from core.explain import wire

        _send(answers, wire.said(wire.CONFINED, asdict(confinement)))
        Child(file, sys.stdin.buffer, answers).serve()


def _send(answers: Any, content: bytes) -> None:
    """Write all of it: a raw pipe may take less at once."""
    left = memoryview(content)
    while left:
        left = left[answers.write(left) :]


class Child:
    """What answers the requests: the file, and the model once it is opened."""

    def __init__(self, file: BinaryIO, requests: BinaryIO, answers: Any) -> None:
        self._file, self._requests, self._answers = file, requests, answers
        self._model: Model | None = None
        self._scored: ScoredModel | None = None
        self._background: pa.Table | None = None
        self._last: tuple[bytes, Contributions, Any] | None = None
        self._told = 0.0

    def serve(self) -> None:
        """Answer every request until there are no more."""
        from core.explain import wire

        for asked, payload in self._asked():
            try:
                table = self._answer(asked, payload)
            except CoreError as error:
                code = NOT_ADDITIVE if type(error).__name__ == "NotAdditiveError" else BAD_INPUT
                _send(self._answers, wire.said(wire.REFUSAL, {"code": code, "why": str(error)}))
            except MemoryError:
                _send(self._answers, wire.said(wire.REFUSAL, {"code": "memory", "why": ""}))
            except (ArithmeticError, AttributeError, ImportError, LookupError, OSError, RuntimeError) as error:
                self._refuse(error)
            except (TypeError, ValueError, AssertionError, SyntaxError) as error:
                self._refuse(error)
            else:
                _send(self._answers, wire.rows(table, wire.RESULT))

    def _refuse(self, error: BaseException) -> None:
        """Say what the library said, in one line; a library's own report of too little memory is one of ours."""
        from core.explain import wire

        words = " ".join(str(error).split())[: wire.WORDS_LENGTH] or type(error).__name__
        lowered = words.lower()
        is_memory = any(sign in lowered for sign in NO_MEMORY)
        code = "memory" if is_memory else "library"
        _send(self._answers, wire.said(wire.REFUSAL, {"code": code, "why": f"{type(error).__name__}: {words}"}))

    def _asked(self) -> Iterator[tuple[Mapping[str, Any], bytes]]:
        from core.explain import wire

        while True:
            start = self._requests.read(wire.HEADER.size)
            if len(start) < wire.HEADER.size:
                return
            _, length = wire.header(start)
            asked = json.loads(self._requests.read(length))
            _, length = wire.header(self._requests.read(wire.HEADER.size))
            yield asked, self._requests.read(length)

    def _answer(self, asked: Mapping[str, Any], payload: bytes) -> "pa.Table":
        import pyarrow as pa

        from core.explain import wire

        kind = asked["kind"]
        if kind == "probe":
            found = probe(int(asked["port"]), str(asked["folder"]))
            return pa.table({"attempt": list(found), "ended": list(found.values())})
        rows = wire.read_rows(payload)
        if kind == "open":
            return self._open(asked, rows)
        if self._model is None or self._scored is None:
            raise BadInputError("The model file was not opened yet.")
        if kind == "predict":
            return _answers_table(self._model.predict(rows))
        return self._shap(rows, payload, asked)

    def _open(self, asked: Mapping[str, Any], background: "pa.Table") -> "pa.Table":
        """Check the digest of exactly the bytes that are then opened, and open them."""
        import pyarrow as pa

        from core.explain.values import ScoredModel

        self._report(0.0, "opening the model file")
        content = self._file.read()
        if hashlib.sha256(content).hexdigest() != asked["sha256"]:
            raise BadInputError(
                "The model file was changed after it was registered: its sha256 differs; "
                "restore it, or add it as a new version."
            )
        described = dict(asked["model"])
        described["features"], described["classes"] = tuple(described["features"]), tuple(described["classes"])
        self._scored = ScoredModel(**{**described, "categorical": frozenset(described["categorical"])})
        self._background = background if background.num_rows else None
        self._model = opened_model(content, asked["name"], self._scored, self._background)
        model = self._model
        about = {
            "kind": [model.kind],
            "estimator": [model.estimator],
            "explainer": [model.explainer],
            "how": [model.how],
            "n_trees": [model.n_trees],
            "depth": [model.depth],
        }
        return pa.table(about)

    def _shap(self, rows: "pa.Table", payload: bytes, asked: Mapping[str, Any]) -> "pa.Table":
        """Return the checked values of one class; the others of the same rows are kept for the next request."""
        from core.explain.shown import values_of

        assert self._model is not None
        assert self._scored is not None
        sampled = bool(asked["sampled"]) or self._model.explainer == "permutation"
        key = hashlib.sha256(payload + bytes([sampled])).digest()
        if self._last is None or self._last[0] != key:
            self._last = (key, self._contributions(rows, sampled=sampled), self._model.predict(rows))
        _, contributions, predicted = self._last
        found = values_of(
            contributions, predicted, self._scored, self._model, of_class=asked["of_class"], sampled=sampled
        )
        return found.table()

    def _contributions(self, rows: "pa.Table", *, sampled: bool) -> "Contributions":
        import numpy as np

        from core.explain.model import Contributions
        from core.explain.permutation import permutation_values

        assert self._model is not None
        assert self._scored is not None
        if sampled:
            if self._background is None:
                raise BadInputError("This model is explained by comparison with the reference: the version has none.")
            return permutation_values(
                self._model.predict,
                rows.select(list(self._scored.features)),
                self._background,
                rng=np.random.default_rng(0),
                report=lambda share: self._report(share, f"explaining {rows.num_rows:,} rows by permutations"),
            )
        parts = []
        for first in range(0, max(rows.num_rows, 1), ROWS_AT_ONCE):
            self._report(first / max(rows.num_rows, 1), f"explained {first:,} of {rows.num_rows:,} rows")
            parts.append(self._model.contributions(rows.slice(first, ROWS_AT_ONCE)))
        return Contributions(
            values=np.concatenate([part.values for part in parts]),
            base=parts[0].base,
            margin=np.concatenate([part.margin for part in parts]),
        )

    def _report(self, share: float, words: str) -> None:
        from core.explain import wire

        if share and time.monotonic() - self._told < REPORT_EVERY:
            return
        self._told = time.monotonic()
        _send(self._answers, wire.said(wire.PROGRESS, {"share": share, "words": words}))


def opened_model(content: bytes, name: str, model: "ScoredModel", background: "pa.Table | None") -> "Model":
    """Return the model in the bytes of a file, whose format is found again from the bytes.

    Raises
    ------
    BadInputError
        When the file is of no format that is opened.
    """
    import io

    from core.explain.artifact import ArtifactFormat, recognise

    found = recognise(io.BytesIO(content), name)
    if found is ArtifactFormat.SKOPS:
        from core.explain.sklearn_models import open_skops

        return cast("Model", open_skops(content, name, model, background))
    if found is ArtifactFormat.ONNX:
        from core.explain.onnx_models import OnnxModel

        return cast("Model", OnnxModel(content, model))
    from core.explain.boosters import open_native

    return cast("Model", open_native(content, found, model))


def _answers_table(predicted: Any) -> "pa.Table":
    import pyarrow as pa

    columns = predicted.reshape(predicted.shape[0], -1)
    return pa.table({f"answer:{at}": columns[:, at] for at in range(columns.shape[1])})


if __name__ == "__main__":
    main(sys.argv[1:])
