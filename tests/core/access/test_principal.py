from core.access.principal import LOCAL, WORKER, Role


def test_the_person_at_this_machine_is_an_administrator():
    assert LOCAL.roles == {Role.ADMINISTRATOR}


def test_the_worker_is_no_administrator():
    assert Role.ADMINISTRATOR not in WORKER.roles


def test_the_roles_are_spelled_as_on_the_command_line():
    assert [role.value for role in Role] == [
        "viewer",
        "business",
        "engineer",
        "owner",
        "validator",
        "approver",
        "administrator",
    ]
