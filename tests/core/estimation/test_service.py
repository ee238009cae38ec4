"""Placeholder while the service is tried."""
import pytest
from core.estimation.service import estimation_points, estimation_detail, estimate_losses
from core.selection import MetricQuery, Every, Slice
from core.access.principal import LOCAL

def test_try(fleet):
    for p in estimation_points(fleet, MetricQuery(model="churn")).points: print(p.metric,p.value,p.ci_low,p.ci_high,p.n,p.reason)
    print(len(estimation_points(fleet, MetricQuery(model="churn",every=Every.DAY)).points))
    for p in estimation_points(fleet, MetricQuery(model="churn",slice=Slice(column="plan"))).points: print(p.metric,p.segment,p.value,p.ci_low,p.ci_high,p.n,p.reason)
    d=estimation_detail(fleet, MetricQuery(model="churn"))
    print(d.lag, d.early, [m.reason for m in d.by_lag][-3:], d.found.relations['roc_auc'])
