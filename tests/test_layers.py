"""The house rules that can be read from the source: direction of imports, sizes, and what never appears.

Stated by file name, with no exemptions (CONTRIBUTING.md). Every complaint
is ``file:line what``.
"""

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("app", "core", "pages", "sample_data")
FILE_LINES, PAGE_LINES, FUNCTION_LINES, USUAL_LINES, POSITIONALS, NESTING = 400, 80, 50, 30, 5, 3
USUAL_SHARE = 0.9
FORBIDDEN_MODULES = {"pickle", "cPickle", "_pickle", "joblib", "cloudpickle", "dill", "shelve", "marshal"}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__"}
PICKLING = {"read_pickle", "to_pickle", "allow_pickle"}
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "misc"}
FORBIDDEN_WORDS = ("manager", "processor")
FORBIDDEN_ARGUMENTS = {"data", "df"}
NOT_IN_PAGES = {"pandas", "polars", "scipy", "sklearn", "shap", "sqlalchemy", "plotly", "numpy", "pyarrow"}
SHARED_SERVICES = {"core.access.service", "core.audit.service", "core.jobs.service"}
SHARED_DOMAINS = ("core.access", "core.audit", "core.jobs")
CACHED_TYPES = {"str", "int", "float", "bool", "date", "None", "tuple", "..."}
NESTED = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.Match, ast.AsyncFor, ast.AsyncWith, ast.TryStar)


class Source(NamedTuple):
    """One file: its path from the root, dotted name, text and tree."""

    path: str
    module: str
    text: str
    tree: ast.Module


def parsed(path: str, text: str) -> Source:
    return Source(path, path.removesuffix(".py").removesuffix("/__init__").replace("/", "."), text, ast.parse(text))


@cache
def sources() -> tuple[Source, ...]:
    paths = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
    return tuple(parsed(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in paths)


@cache
def modules() -> frozenset[str]:
    return frozenset(source.module for source in sources())


def is_migration(source: Source) -> bool:
    return source.path.startswith("core/store/migrations/")


def domain(module: str) -> str:
    """Return ``core.<domain>`` of a module inside a folder of core; the module itself beside the folders."""
    return ".".join(module.split(".", 2)[:2])


def imports(source: Source) -> Iterator[tuple[str, int]]:
    """Yield every imported module with its line; ``from a import b`` is ``a.b`` when that is a module of ours."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            for alias in node.names:
                full = f"{base}.{alias.name}"
                yield (full if full in modules() else base, node.lineno)


def functions(source: Source) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(source.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


# Direction


def wrong_direction(module: str, imported: str) -> str:
    """Return why `module` may not import `imported`; empty when it may."""
    top, is_service = imported.split(".", maxsplit=1)[0], imported.endswith(".service")
    if top not in FOLDERS:
        return ""
    if module.startswith("pages."):
        closed = domain(imported) == "core.store" or is_service or top in ("pages", "sample_data")
        return "a page imports app, and of core neither store nor services" if closed else ""
    if module.startswith(("app.", "sample_data.")) or module == "app":
        of_store = domain(imported) == "core.store" and imported not in ("core.store", "core.store.database")
        if top == "pages":
            return "app imports core, never pages"
        return "app opens stores (core.store.database) and calls services; it reads no tables" if of_store else ""
    if top != "core":
        return "core imports nothing of app, pages or sample_data"
    if module.startswith("core.store"):
        return "core.store imports value modules, never a service" if is_service else ""
    if module.endswith(".service"):
        other = is_service and imported not in SHARED_SERVICES and imported != module
        return "a service imports no other domain's service but access, audit and jobs" if other else ""
    if is_service:
        return "nothing but app imports a domain's service"
    if domain(imported) == "core.store":
        return "in a domain only service.py may import core.store"
    foreign = domain(imported) in SHARED_DOMAINS and domain(imported) != domain(module)
    return "in a domain only service.py may import core.access, core.audit and core.jobs" if foreign else ""


def direction(source: Source) -> Iterator[tuple[int, str]]:
    for imported, line in imports(source):
        why = wrong_direction(source.module, imported)
        if why:
            yield line, f"imports {imported}: {why}"


def libraries(source: Source) -> Iterator[tuple[int, str]]:
    in_core, in_store = source.path.startswith("core/"), source.path.startswith("core/store/")
    for imported, line in imports(source):
        top = imported.split(".")[0]
        if top in ("sqlalchemy", "alembic") and not in_store:
            yield line, f"imports {top}: only core/store may (the type Session comes from core.store.database)"
        if top == "streamlit" and in_core:
            yield line, "imports streamlit: core knows no page"
        if top == "plotly" and in_core and not source.path.endswith("figures.py"):
            yield line, "imports plotly: in core only figures.py may"
        if top in NOT_IN_PAGES and source.path.startswith("pages/"):
            yield line, f"imports {top}: a page composes, it does not compute"


def dangers(source: Source) -> Iterator[tuple[int, str]]:
    for imported, line in imports(source):
        if imported.split(".")[0] in FORBIDDEN_MODULES:
            yield line, f"imports {imported}: nothing here runs code out of a file"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FORBIDDEN_CALLS:
            yield node.lineno, f"calls {node.func.id}"
        if isinstance(node, ast.Attribute) and node.attr in PICKLING:
            yield node.lineno, f"uses {node.attr}"
        if isinstance(node, ast.keyword) and node.arg in PICKLING and ast.unparse(node.value) != "False":
            yield node.value.lineno, f"passes {node.arg}"


def blind_excepts(source: Source) -> Iterator[tuple[int, str]]:
    if not source.path.startswith(("core/", "pages/")):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ExceptHandler):
            names = {part.id for part in ast.walk(node.type) if isinstance(part, ast.Name)} if node.type else set()
            if node.type is None or names & {"Exception", "BaseException"}:
                yield node.lineno, "catches everything: name the errors that are meant"


# Sizes


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef, text: str) -> int:
    """Return the lines of code in the body, without docstring, blank lines and comments."""
    body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
    if not body:
        return 0
    lines = text.splitlines()[body[0].lineno - 1 : function.end_lineno]
    return sum(1 for line in lines if line.strip() and not line.strip().startswith("#"))


def depth(node: ast.AST) -> int:
    """Return how deep compound statements stand inside one another; an elif is no deeper than its if."""
    deepest = 0
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        is_elif = isinstance(node, ast.If) and node.orelse == [child] and isinstance(child, ast.If)
        deepest = max(deepest, depth(child) + (isinstance(child, NESTED) and not is_elif))
    return deepest


def sizes(source: Source) -> Iterator[tuple[int, str]]:
    n, limit = len(source.text.splitlines()), PAGE_LINES if source.path.startswith("pages/") else FILE_LINES
    if n > limit:
        yield n, f"the file has {n} lines, at most {limit} are allowed"
    for function in functions(source):
        lines = code_lines(function, source.text)
        if lines > FUNCTION_LINES:
            yield function.lineno, f"{function.name} has {lines} lines of code, at most {FUNCTION_LINES} are allowed"
        if depth(function) > NESTING:
            yield function.lineno, f"{function.name} nests {depth(function)} deep, at most {NESTING} are allowed"


def arguments(source: Source) -> Iterator[tuple[int, str]]:
    for function in functions(source):
        given = [argument.arg for argument in [*function.args.posonlyargs, *function.args.args]]
        named = [*given, *(argument.arg for argument in function.args.kwonlyargs)]
        own = [name for name in given if name not in ("self", "cls")]
        # the arguments of a command are its options: Typer reads them by name
        if len(own) > POSITIONALS and not source.path.startswith("app/commands/"):
            yield function.lineno, f"{function.name} takes {len(own)} positional arguments, at most {POSITIONALS}"
        # what a decorator hands on as it came is typed by what it decorates: P.kwargs
        handed_on = function.args.kwarg is not None and ast.unparse(function.args.kwarg).endswith(": P.kwargs")
        if function.args.kwarg is not None and not handed_on and source.path.startswith("core/"):
            yield function.lineno, f"{function.name} takes **{function.args.kwarg.arg}: name the arguments"
        for name in FORBIDDEN_ARGUMENTS.intersection(named):
            yield function.lineno, f"{function.name} has an argument '{name}': say what it holds"


def names(source: Source) -> Iterator[tuple[int, str]]:
    parts = source.path.removesuffix(".py").split("/")
    if FORBIDDEN_NAMES.intersection(parts):
        yield 1, "a name that says nothing: call the file by what it holds"
    words = [*parts, *(node.name for node in ast.walk(source.tree) if isinstance(node, ast.ClassDef))]
    for word in words:
        if word.lower().endswith(FORBIDDEN_WORDS):
            yield 1, f"'{word}': call it by what it is"


def cached_arguments(source: Source) -> Iterator[tuple[int, str]]:
    for function in functions(source):
        if not any(
            "cache_data" in (text := ast.unparse(d)) or "cache_resource" in text for d in function.decorator_list
        ):
            continue
        for argument in [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]:
            annotation = ast.unparse(argument.annotation) if argument.annotation else "nothing"
            used = {part.strip("'\" ") for part in annotation.replace("datetime.", "").replace("[", "|").split("|")}
            used = {piece.strip("] '\"") for part in used for piece in part.split(",")} - {""}
            if not used <= CACHED_TYPES:
                yield (
                    argument.lineno,
                    f"{function.name}({argument.arg}: {annotation}) is cached: only ids, texts, dates",
                )


RULES: tuple[Callable[[Source], Iterator[tuple[int, str]]], ...] = (
    direction,
    libraries,
    dangers,
    blind_excepts,
    sizes,
    arguments,
    names,
    cached_arguments,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_file_keeps_the_rule(rule):
    found = [f"{s.path}:{line} {what}" for s in sources() if not is_migration(s) for line, what in rule(s)]
    assert not found, "\n" + "\n".join(found)


def test_nine_in_ten_functions_have_at_most_thirty_lines():
    counted = sorted(code_lines(f, s.text) for s in sources() if not is_migration(s) for f in functions(s))
    assert sum(n <= USUAL_LINES for n in counted) / len(counted) >= USUAL_SHARE
    assert counted[len(counted) // 2] <= 10


def test_every_module_of_core_has_its_mirrored_test():
    wanted = [
        f"tests/{folder}test_{name}.py"
        for source in sources()
        if source.path.startswith("core/") and not is_migration(source) and not source.path.endswith("__init__.py")
        for folder, name in [(source.path[: source.path.rindex("/") + 1], Path(source.path).stem)]
    ]
    missing = [path for path in wanted if not (ROOT / path).is_file()]
    assert not missing, "\n" + "\n".join(missing)


def test_no_python_file_and_no_pages_folder_stands_beside_the_entry():
    assert list(ROOT.glob("*.py")) == []
    assert not (ROOT / "app" / "pages").exists()


def test_markup_from_text_is_allowed_in_at_most_one_audited_file():
    assert len({source.path for source in sources() if "unsafe_allow_html" in source.text}) <= 1


def test_importing_all_of_core_loads_neither_pandas_nor_a_web_framework():
    wanted = sorted(
        source.module for source in sources() if source.path.startswith("core/") and not is_migration(source)
    )
    code = (
        "import importlib, sys\n"
        f"for name in {wanted!r}:\n"
        "    importlib.import_module(name)\n"
        "    heavy = {'pandas', 'sklearn', 'shap', 'streamlit'} & set(sys.modules)\n"
        "    if heavy: sys.exit(f'{name} loads {sorted(heavy)}')\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert run.returncode == 0, (run.stderr.strip().splitlines() or ["it died"])[-1]


def body(n: int) -> str:
    return "def f():\n" + "    x = 1\n" * n


@pytest.mark.parametrize(
    ("rule", "path", "text", "words"),
    [
        (direction, "pages/a.py", "from core.store.database import Store", "neither store nor services"),
        (direction, "pages/a.py", "from core.access import service", "neither store nor services"),
        (direction, "pages/a.py", "from core.errors import CoreError\nfrom app import cli", ""),
        (direction, "app/a.py", "from core.store.audit import head", "reads no tables"),
        (direction, "app/a.py", "from core.store.database import Store\nfrom core.jobs.service import submit", ""),
        (direction, "core/drift/a.py", "import app", "core imports nothing of app"),
        (
            direction,
            "core/drift/a.py",
            "from core.audit.chain import GENESIS",
            "only service.py may import core.access",
        ),
        (direction, "core/drift/a.py", "from core.store import audit", "only service.py may import core.store"),
        (direction, "core/drift/a.py", "from core.drift.service import x", "nothing but app"),
        (direction, "core/drift/service.py", "from core.audit.service import record\nfrom core.store import audit", ""),
        (direction, "core/drift/service.py", "from core.home.service import x", "no other domain's service"),
        (direction, "core/store/a.py", "from core.audit.service import record", "never a service"),
        (direction, "core/store/a.py", "from core.audit.chain import GENESIS", ""),
        (direction, "core/jobs/child.py", "from core.jobs.job import Job", ""),
        (libraries, "core/drift/service.py", "from sqlalchemy.orm import Session", "only core/store"),
        (libraries, "core/drift/a.py", "def f():\n    import streamlit", "core knows no page"),
        (libraries, "core/drift/a.py", "import plotly.graph_objects", "only figures.py"),
        (libraries, "core/drift/figures.py", "import plotly.graph_objects", ""),
        (libraries, "pages/a.py", "import polars as pl", "does not compute"),
        (dangers, "sample_data/a.py", "import joblib", "runs code out of a file"),
        (dangers, "app/a.py", "eval('1')", "calls eval"),
        (dangers, "core/a.py", "numpy.load(file, allow_pickle=True)", "passes allow_pickle"),
        (dangers, "core/a.py", "numpy.load(file, allow_pickle=False)", ""),
        (dangers, "core/a.py", "pandas.read_pickle(file)", "uses read_pickle"),
        (blind_excepts, "core/a.py", "try:\n    x\nexcept (ValueError, Exception):\n    y", "catches everything"),
        (blind_excepts, "pages/a.py", "try:\n    x\nexcept:\n    y", "catches everything"),
        (blind_excepts, "core/a.py", "try:\n    x\nexcept ValueError:\n    y", ""),
        (sizes, "core/a.py", "x = 1\n" * 401, "401 lines"),
        (sizes, "pages/a.py", "x = 1\n" * 81, "81 lines"),
        (sizes, "core/a.py", body(51), "51 lines of code"),
        (
            sizes,
            "core/a.py",
            "def f():\n    '''Say.\n" + "\n" * 60 + "    '''\n" + "    # why\n" * 9 + "    x = 1\n" * 50,
            "",
        ),
        (sizes, "core/a.py", "def f():\n if a:\n  for b in c:\n   with d:\n    if e:\n     f()", "nests 4 deep"),
        (sizes, "core/a.py", "def f():\n if a:\n  x\n elif b:\n  x\n elif c:\n  x\n elif d:\n  x", ""),
        (arguments, "core/a.py", "def f(a, b, c, d, e, f): pass", "6 positional"),
        (arguments, "core/a.py", "def f(self, a, b, c, d, e, *, g, h): pass", ""),
        (arguments, "core/a.py", "def f(**options): pass", "takes **options"),
        (arguments, "core/a.py", "def f(**options: Any): pass", "takes **options"),
        (arguments, "core/a.py", "def f(*args: P.args, **kwargs: P.kwargs): pass", ""),
        (arguments, "app/a.py", "def f(*, df): pass", "argument 'df'"),
        (names, "core/drift/utils.py", "", "says nothing"),
        (names, "app/a.py", "class JobManager: pass", "call it by what it is"),
        (cached_arguments, "app/a.py", "@st.cache_data\ndef f(frame: pl.DataFrame): pass", "is cached"),
        (cached_arguments, "app/a.py", "@st.cache_data(ttl=3)\ndef f(_store: Store): pass", "is cached"),
        (cached_arguments, "app/a.py", "@cache_resource\ndef f(home): pass", "is cached"),
        (
            cached_arguments,
            "app/a.py",
            "@st.cache_data\ndef f(a: tuple[str, ...], b: date | None, *, c: int): pass",
            "",
        ),
    ],
)
def test_the_rules_find_what_they_forbid_and_nothing_else(rule, path, text, words):
    found = [what for _, what in rule(parsed(path, text))]
    assert bool(found) is bool(words), found
    assert all(words in what for what in found)
