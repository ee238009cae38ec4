"""The store of the explanations' tests."""

from tests.core.explain.conftest import churn, explained

__all__ = ["churn", "explained"]
