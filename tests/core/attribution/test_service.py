def test_x(fleet):
    from core.attribution.service import attribution, find_shift, shift, find_multivariate, multivariate
    from core.selection import MetricQuery
    from core.windows import Window
    from core.access.principal import LOCAL
    import time
    from core.store.models import model_by_name, versions
    with fleet.read() as s:
        m=model_by_name(s,'churn'); print(m, versions(s,m.id))
    q=MetricQuery(model='churn')
    for metric in (None,'brier_score','f1','average_precision','ece','ks','selection_rate'):
        t=time.time(); a=attribution(fleet,q,metric=metric); print(metric, a.column,a.columns,a.change and (a.change.before,a.change.now,a.change.change,a.change.mix,a.change.within,a.change.between,[ (p.name,p.n_reference,p.n_current,round(p.total,4)) for p in a.change.parts], a.change.pooled),a.why_not,a.changes[:1],time.time()-t)
    for f in (lambda: find_shift(fleet,LOCAL,q,'brier_score'), lambda: find_multivariate(fleet,LOCAL,q)):
        try:
            t=time.time(); print(f(), time.time()-t)
        except Exception as e:
            import traceback; traceback.print_exc()
