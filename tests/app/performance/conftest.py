"""Views of the Performance page, read from the made-up models."""

from collections.abc import Callable

import pytest

from app.performance.compose import performance_view
from app.performance.views import PerformanceView
from app.performance.worst import worst_windows
from app.reading import query_of
from app.views import Selection
from core.checks.limits import load_limits
from core.checks.service import recent_states
from core.estimation.service import estimation_detail
from core.inventory.service import model_detail
from core.performance.service import compare_versions, performance_detail
from core.store.database import Store


def view_of(store: Store, model: str, window: str, *, segment: str = "all", version: str = "v1") -> PerformanceView:
    """Return the view of a selection as the page's query makes it, without its cache."""
    selection = Selection(model=model, version=version, window=window, reference="training", segment=segment)
    query = query_of(store, selection)
    detail = performance_detail(store, query)
    last = detail.windows[-1]
    states = recent_states(store, model=model, version=version, until=last.start, count=1)
    stored = [one for one in states if last.days == 1 and segment == "all" and one.day == last.start]
    several = len(model_detail(store, model).versions) > 1
    versions = compare_versions(store, query) if several else None
    limits = load_limits(detail.schema.limits).checks
    worst = worst_windows(recent_states(store, model=model, version=version, count=400), detail.schema.grain, limits)
    found = estimation_detail(store, query)
    return performance_view(detail, selection, stored, versions, (), estimation=found, worst=worst)


@pytest.fixture
def demand(three_tasks: Store) -> Callable[..., PerformanceView]:
    return lambda window, **more: view_of(three_tasks, "demand", window, **more)


@pytest.fixture
def tickets(three_tasks: Store) -> Callable[..., PerformanceView]:
    return lambda window, **more: view_of(three_tasks, "tickets", window, **more)


@pytest.fixture
def churn(fleet: Store) -> Callable[..., PerformanceView]:
    return lambda window, **more: view_of(fleet, "churn", window, **more)
