import pytest

from core.explain.skops_types import ALLOWED, LOADERS, foreign


def test_methods_and_operators_are_on_no_list():
    assert not {"MethodNode", "OperatorFuncNode"} & LOADERS
    assert not any(name.startswith(("os.", "subprocess.", "builtins.eval", "builtins.getattr")) for name in ALLOWED)


@pytest.mark.parametrize("name", ["builtins.eval", "os.system", "sklearn.datasets._openml.fetch_openml"])
def test_a_foreign_type_is_found_however_deep_it_stands(name):
    module, _, kind = name.rpartition(".")
    node = {"__class__": kind, "__module__": module, "__loader__": "TypeNode"}
    for _ in range(2_000):
        node = {"content": [node]}
    assert foreign(node) == f"the type {name}"


def test_what_is_listed_passes():
    assert foreign({"__class__": "Pipeline", "__module__": "sklearn.pipeline", "__loader__": "ObjectNode"}) is None
