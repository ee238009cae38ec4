from dataclasses import FrozenInstanceError
from datetime import date

import pytest

from core.fairness.display import GapSeries, RateDots
from core.windows import Grain


def test_what_is_drawn_cannot_be_changed_afterwards():
    dots = RateDots(
        metric="selected", groups=("a",), values=(0.4,), low=(0.3,), high=(0.5,), n=(100,), listed_only=(False,)
    )
    with pytest.raises(FrozenInstanceError):
        dots.metric = "recall"
    assert dots.share
    assert dots.overall is None


def test_a_series_is_of_days_and_a_share_unless_said_otherwise():
    series = GapSeries(
        metric="gap", starts=(date(2024, 1, 1),), labels=("2024",), values=(0.1,), low=(0.0,), high=(0.2,),
        chance=(0.05,), n=(10,), mature=(True,),
    )  # fmt: skip
    assert (series.grain, series.share, series.limits) == (Grain.DAY, True, ())
