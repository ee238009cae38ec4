import json

from core.releases.gates.change import Change


def test_a_change_is_told_with_its_interval_its_method_and_what_it_can_be_worked_out_from():
    one = Change(
        metric="f1",
        champion=0.8,
        challenger=0.7,
        harm=0.1,
        low=0.05,
        high=0.15,
        n=1_000,
        method="by hand",
        sums={"cells": [1, 2]},
    )
    told = json.loads(json.dumps(one.as_json()))
    assert (told["worse_by"], told["ci_low"], told["ci_high"], told["n"]) == (0.1, 0.05, 0.15, 1_000)
    assert told["method"] == "by hand"
    assert (told["p_value"], told["widened"], told["sums"]) == (None, 1.0, {"cells": [1, 2]})
