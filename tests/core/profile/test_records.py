from core.profile.records import REFERENCE_ROLE, UNDATED, BuildReport


def test_a_report_waits_for_nothing_by_default():
    report = BuildReport(windows=1, rows=2, seconds=0.1)
    assert (report.waiting, report.reason) == (0, "")


def test_undated_reference_rows_have_a_unit_and_a_role_of_their_own():
    assert UNDATED.toordinal() == 719163
    assert REFERENCE_ROLE not in {"served", "shadow", "canary", "replay"}
