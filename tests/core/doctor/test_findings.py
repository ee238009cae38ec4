import pytest

from core.doctor.findings import (
    DISK_ERROR,
    DISK_WARNING,
    NETWORK_TYPES,
    SERVER_RULES,
    Finding,
    Severity,
    anchor_findings,
    audit_findings,
    database_findings,
    folder_findings,
    python_findings,
    report,
    sandbox_findings,
    server_findings,
    store_missing,
    store_unusable,
)

SAFE = {
    "browser": {"gatherUsageStats": False},
    "server": {"address": "127.0.0.1"},
    "client": {"showErrorDetails": "none"},
}


def finding(severity: Severity) -> Finding:
    return Finding(code="x", severity=severity, what="w", fix="f")


@pytest.mark.parametrize(
    ("severity", "ok", "strictly_ok"),
    [
        (Severity.INFORMATION, True, True),
        (Severity.WARNING, True, False),
        (Severity.ERROR, False, False),
    ],
)
def test_an_error_always_fails_and_a_warning_only_when_strict(severity, ok, strictly_ok):
    found = [finding(Severity.INFORMATION), finding(severity)]
    assert report(found).ok is ok
    assert report(found, strict=True).ok is strictly_ok


def test_the_report_reads_as_the_command_line_promises():
    assert report([finding(Severity.WARNING)]).as_json() == {
        "ok": True,
        "findings": ({"code": "x", "severity": "warning", "what": "w", "fix": "f"},),
    }


@pytest.mark.parametrize(("version", "found"), [((3, 9), 1), ((3, 10), 1), ((3, 11), 0), ((3, 14), 0)])
def test_python_must_be_3_11_or_newer(version, found):
    assert len(list(python_findings(version))) == found


def codes(settings: dict[str, object], environment: dict[str, str] | None = None) -> set[str]:
    return {found.code for found in server_findings(settings, environment or {})}


def test_safe_settings_leave_nothing_to_say():
    assert codes(SAFE) == set()


def test_what_is_not_set_has_the_servers_own_default():
    assert codes({}) == {"telemetry_on", "address_open", "error_details_shown"}


@pytest.mark.parametrize(
    ("section", "option", "value", "code"),
    [
        ("browser", "gatherUsageStats", True, "telemetry_on"),
        ("server", "address", "0.0.0.0", "address_open"),
        ("server", "address", "", "address_open"),
        ("server", "address", "10.0.0.7", "address_open"),
        ("server", "enableAgentApi", True, "agent_api_on"),
        ("client", "showErrorDetails", "full", "error_details_shown"),
        ("client", "showErrorDetails", "type", "error_details_shown"),
        ("server", "enableXsrfProtection", False, "xsrf_protection_off"),
        ("server", "enableCORS", False, "cors_protection_off"),
        ("server", "enableStaticServing", True, "static_serving_on"),
    ],
)
def test_every_unsafe_setting_is_found_in_the_file(section, option, value, code):
    unsafe = {**SAFE, section: {**SAFE.get(section, {}), option: value}}
    (found,) = server_findings(unsafe, {})
    assert (found.code, found.severity) == (code, Severity.WARNING)
    assert f"{section}.{option}" in found.what
    assert ".streamlit/config.toml" in found.fix


@pytest.mark.parametrize("rule", SERVER_RULES, ids=lambda rule: rule.code)
def test_every_unsafe_setting_is_found_in_the_environment_which_beats_the_file(rule):
    assert codes(SAFE, {rule.variable: "unsafe"}) == {rule.code}
    assert rule.code not in codes({}, {rule.variable: rule.safe[0].upper()})


def test_the_names_and_defaults_of_the_rules_are_streamlits_own():
    from streamlit import config

    for rule in SERVER_RULES:
        option = config.get_config_options()[f"{rule.section}.{rule.option}"]
        assert option.env_var == rule.variable
        if rule.option != "address":
            assert str(option.default_val).lower() == rule.default


def test_a_section_that_is_no_section_is_treated_as_not_set():
    assert "address_open" in codes({**SAFE, "server": "loopback"})


def folder(mode: int = 0o40700, filesystem: str = "ext4", free: int = DISK_WARNING) -> list[tuple[str, str]]:
    return [(found.code, found.severity.value) for found in folder_findings("/home", mode, filesystem, free)]


@pytest.mark.parametrize("mode", [0o40704, 0o40701, 0o40755, 0o40777])
def test_a_folder_that_everybody_may_enter_is_found(mode):
    assert folder(mode) == [("readable_by_all", "warning")]


@pytest.mark.parametrize("mode", [0o40700, 0o40750, 0o40770])
def test_a_folder_of_its_owner_or_group_is_not(mode):
    assert folder(mode) == []


@pytest.mark.parametrize("filesystem", sorted(NETWORK_TYPES))
def test_a_network_file_system_is_found(filesystem):
    assert folder(filesystem=filesystem) == [("network_filesystem", "warning")]


@pytest.mark.parametrize(
    ("free", "found"),
    [
        (DISK_WARNING, []),
        (DISK_WARNING - 1, [("disk_low", "warning")]),
        (DISK_ERROR - 1, [("disk_low", "error")]),
    ],
)
def test_a_disk_that_runs_full_is_found(free, found):
    assert folder(free=free) == found


def test_a_sound_database_with_a_running_clock_leaves_nothing_to_say():
    assert list(database_findings("", 0, None)) == []


def test_damage_is_an_error_and_half_done_batches_and_a_frozen_clock_are_worth_knowing():
    found = list(database_findings("row 1 missing", 2, "2014-01-01T05:00:00+00:00"))
    assert [(f.code, f.severity.value) for f in found] == [
        ("database_damaged", "error"),
        ("staged_batches", "information"),
        ("clock_frozen", "information"),
    ]


@pytest.mark.parametrize(
    ("ok", "entries", "age", "unanchored", "found"),
    [
        (True, 0, None, 0, []),
        (True, 9, 5.0, 8, []),
        (True, 9, 9e9, 0, []),
        (True, 9, 7_300.0, 1, ["anchor_overdue"]),
        (True, 9, None, 9, ["audit_not_anchored"]),
        (False, 9, None, 9, ["audit_broken"]),
    ],
)
def test_the_audit_chain_must_verify_and_be_anchored(ok, entries, age, unanchored, found):
    findings = audit_findings(ok=ok, entries=entries, why="w", anchor_age_s=age, unanchored=unanchored)
    assert [finding.code for finding in findings] == found


def test_a_missing_or_unusable_store_is_an_error_with_a_way_out():
    assert "watchroom init --home /x" in store_missing("/x").fix
    assert store_unusable("It is damaged.").what == "It is damaged."
    assert store_missing("/x").severity is store_unusable("").severity is Severity.ERROR


def test_a_damaged_log_names_its_model_and_is_an_error():
    from core.doctor.findings import Severity, log_damaged

    found = log_damaged("churn", "it holds 3 rows, 5 were taken in.")
    assert (found.code, found.severity) == ("log_damaged", Severity.ERROR)
    assert "churn" in found.what


def test_a_sandbox_that_is_not_isolated_is_a_warning_with_the_reason():
    found = list(sandbox_findings(isolated=False, reason="refused", exposed="", possible=()))
    assert [(one.code, one.severity) for one in found] == [("sandbox_not_isolated", Severity.WARNING)]
    assert "refused" in found[0].what


def test_a_sandbox_that_can_read_other_files_is_a_warning_with_reason_and_fix():
    found = list(sandbox_findings(isolated=True, reason="", exposed="the kernel has no Landlock", possible=()))
    assert [(one.code, one.severity) for one in found] == [("sandbox_reads_files", Severity.WARNING)]
    assert "the kernel has no Landlock" in found[0].what
    assert "5.13" in found[0].fix


def test_a_sandbox_that_reaches_something_is_an_error_and_a_closed_one_is_silent():
    found = list(sandbox_findings(isolated=True, reason="", exposed="", possible=("socket",)))
    assert [(one.code, one.severity) for one in found] == [("sandbox_open", Severity.ERROR)]
    assert list(sandbox_findings(isolated=True, reason="", exposed="", possible=())) == []


@pytest.mark.parametrize(
    ("further", "code", "words"),
    [
        ({}, "anchors_beside_database", "holds entry 1,204 and is 12 min old; it lies only beside the database"),
        ({"/mnt/a": 1_204, "/mnt/b": 1_204}, "anchored", "it stands in /mnt/a, /mnt/b too"),
        ({"/mnt/a": 1_204, "/mnt/b": 1_100}, "anchors_missing", "it does not stand in /mnt/b"),
        ({"/mnt/a": 0}, "anchors_missing", "it does not stand in /mnt/a"),
    ],
)
def test_the_doctor_says_how_old_the_last_anchor_is_and_where_it_lies(further, code, words):
    (found,) = anchor_findings(720.0, 1_204, further)
    assert found.code == code
    assert words in found.what


def test_only_an_anchor_that_is_missing_outside_is_a_warning():
    severities = [next(anchor_findings(9_000.0, 7, further)).severity for further in ({}, {"/a": 7}, {"/a": 0})]
    assert severities == [Severity.INFORMATION, Severity.INFORMATION, Severity.WARNING]
