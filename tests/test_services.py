"""No service changes anything without knowing who asks, asking whether they may, and writing it down.

Read from the source of every ``core/*/service.py``, so that a service written tomorrow is held to it too.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SERVICES = sorted((ROOT / "core").rglob("service.py"))
RECORDER = "core/audit/service.py:refusals_recorded"
"""The decorator itself: it writes down, on behalf of whoever was refused."""

WITHOUT_A_STORE = {
    "core/home/service.py:create_store": "there may be no store yet in which a refusal could be written down",
}
NOT_AUDITED = {
    "core/jobs/service.py:beat": "prolonging a lease is bookkeeping of its worker, several times a minute",
    "core/releases/talking/service.py:visit": "what is new to somebody is bookkeeping, at every look at a release",
    "core/executors/service.py:take": "an attempt decides nothing; what comes of it is audited with the release",
    "core/executors/service.py:note": "the same: the entry of the release says what the executor answered",
}

Functions = dict[str, ast.FunctionDef]


def functions(tree: ast.Module) -> Functions:
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def called(function: ast.FunctionDef) -> Iterator[tuple[str, int]]:
    """Yield the last name of everything that `function` calls or hands over, with its line."""
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            yield node.attr, node.lineno


def opens_write(function: ast.FunctionDef) -> int | None:
    """Return the line at which `function` opens a writing transaction, or None."""
    for node in ast.walk(function):
        if isinstance(node, ast.With):
            for item in node.items:
                call = item.context_expr
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "write":
                    return item.context_expr.lineno
    return None


def reached(function: ast.FunctionDef, known: Functions) -> list[ast.FunctionDef]:
    """Return `function` and the private functions of the same file that it leads to."""
    found, waiting = [function], [function]
    while waiting:
        for name, _ in called(waiting.pop()):
            private = known.get(name)
            if private is not None and name.startswith("_") and private not in found:
                found.append(private)
                waiting.append(private)
    return found


def complaints(place: str, source: str) -> list[str]:
    """Return what is missing in the public functions of a service that write."""
    known, found = functions(ast.parse(source)), []
    for name, function in known.items():
        parts = reached(function, known)
        if not name.startswith("_") and not records_refusals(function) and f"{place}:{name}" not in WITHOUT_A_STORE:
            found.append(f"{place}:{name} can refuse and is not @refusals_recorded")
        if name.startswith("_") or f"{place}:{name}" == RECORDER or not any(opens_write(part) for part in parts):
            continue
        arguments = {argument.arg for argument in [*function.args.args, *function.args.kwonlyargs]}
        names = {called_name for part in parts for called_name, _ in called(part)}
        if "principal" not in arguments:
            found.append(f"{place}:{name} writes and takes no principal")
        if "authorize" not in names:
            found.append(f"{place}:{name} writes and does not call authorize")
        elif not asks_first(function):
            found.append(f"{place}:{name} must call authorize itself, before it does anything else")
        if "record" not in names and f"{place}:{name}" not in NOT_AUDITED:
            found.append(f"{place}:{name} writes and does not call audit's record")
    return found


def records_refusals(function: ast.FunctionDef) -> bool:
    """Whether `function` asks for no right, or writes down what it refuses."""
    asks = any(name == "authorize" for name, _ in called(function))
    return not asks or any(ast.unparse(one) == "refusals_recorded" for one in function.decorator_list)


def asks_first(function: ast.FunctionDef) -> bool:
    """Whether the first statement after the docstring is the call of authorize."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    first = body[0] if body else None
    return (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Call)
        and isinstance(first.value.func, ast.Name | ast.Attribute)
        and (first.value.func.id if isinstance(first.value.func, ast.Name) else first.value.func.attr) == "authorize"
    )


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.parent.relative_to(ROOT / "core").as_posix())
def test_every_service_that_writes_takes_a_principal_authorizes_first_and_records(path):
    place = path.relative_to(ROOT).as_posix()
    assert complaints(place, path.read_text(encoding="utf-8")) == []


def test_the_services_are_found_and_some_of_them_write():
    writing = [path for path in SERVICES if ".write()" in path.read_text(encoding="utf-8")]
    assert {path.parent.name for path in writing} >= {"access", "audit", "home", "jobs"}


def test_every_exception_still_exists_and_still_writes():
    for place in (*NOT_AUDITED, *WITHOUT_A_STORE):
        path, _, name = place.partition(":")
        function = functions(ast.parse((ROOT / path).read_text(encoding="utf-8")))[name]
        assert opens_write(function), place
        assert place in NOT_AUDITED or "store" not in {argument.arg for argument in function.args.args}


GOOD = """
@refusals_recorded
def close(store, principal, key):
    authorize(principal, Action.X)
    with store.write() as session:
        record(session, principal, AuditAction.Y)
"""


@pytest.mark.parametrize(
    ("source", "missing"),
    [
        (GOOD, []),
        (GOOD.replace("(store, principal, key)", "(store, key)"), ["takes no principal"]),
        (GOOD.replace("authorize(principal, Action.X)", "pass"), ["does not call authorize"]),
        (GOOD.replace("    authorize", "    find(store)\n    authorize"), ["authorize itself, before"]),
        (GOOD.replace("record(session", "print(session"), ["does not call audit's record"]),
        (GOOD.replace("def close", "def _close"), []),
        (GOOD.replace("@refusals_recorded", "@cache"), ["not @refusals_recorded"]),
        ("def rows(store, principal):\n    authorize(principal, A)\n    return 1\n", ["not @refusals_recorded"]),
        (
            "@refusals_recorded\ndef close(store, principal):\n    authorize(principal, A)\n    _do(store)\n"
            "def _do(store):\n    with store.write() as s:\n        _tell(s)\ndef _tell(s):\n    record(s)\n",
            [],
        ),
        (
            "def close(store):\n    pool.map(partial(_do, store), days)\n"
            "def _do(store):\n    with lock, store.write() as s:\n        s.add(1)\n",
            ["takes no principal", "does not call authorize", "does not call audit's record"],
        ),
        ("def rows(store):\n    with store.read() as s:\n        return s.all()\n", []),
        ("def save(file):\n    file.write('x')\n", []),
    ],
)
def test_the_introspection_finds_what_is_missing(source, missing):
    found = complaints("core/x/service.py", source)
    assert len(found) == len(missing)
    for complaint, words in zip(found, missing, strict=True):
        assert words in complaint
