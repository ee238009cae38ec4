"""The two roles of a store in PostgreSQL: one owns the tables, the other runs the program behind the guards.

The program's role may read everything, write everything but the audit chain and the revision, and append to the
chain. It owns nothing, so that it cannot alter, drop or empty a table nor switch a trigger off.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import URL, Connection, text

from core.errors import BadInputError
from core.store.postgres import OWNER_VARIABLE, VARIABLE, name_of, tables

if TYPE_CHECKING:
    import psycopg

APPENDED = frozenset({"audit"})
"""Tables to which the program's role may only append."""
READ = frozenset({"alembic_version"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleFacts:
    """What a connection's role could do to the audit chain.

    Attributes
    ----------
    superuser, owner : whether it is a superuser; whether it is the owner of the audit table or may become it
    rights : which of UPDATE, DELETE and TRUNCATE it holds on the audit table
    """

    name: str
    superuser: bool
    owner: bool
    rights: tuple[str, ...]


def facts(connection: Connection) -> RoleFacts:
    """Return what the role of a connection could do to the audit chain (nothing where the table is missing)."""
    row = connection.execute(
        text(
            "SELECT current_user AS name, "
            "coalesce((SELECT rolsuper FROM pg_roles WHERE rolname = current_user), false) AS superuser, "
            "coalesce((SELECT pg_has_role(c.relowner, 'MEMBER') FROM pg_class c WHERE c.oid = t.oid), false) AS owner, "
            "coalesce(has_table_privilege(t.oid, 'UPDATE'), false) AS may_update, "
            "coalesce(has_table_privilege(t.oid, 'DELETE'), false) AS may_delete, "
            "coalesce(has_table_privilege(t.oid, 'TRUNCATE'), false) AS may_truncate "
            "FROM (SELECT to_regclass('audit') AS oid) t"
        )
    ).one()
    held = {"UPDATE": row.may_update, "DELETE": row.may_delete, "TRUNCATE": row.may_truncate}
    return RoleFacts(
        name=row.name,
        superuser=row.superuser,
        owner=row.owner,
        rights=tuple(right for right, has in held.items() if has),
    )


def refuse_superuser(connection: Connection) -> None:
    """Refuse to run as a superuser: no guard of the audit chain stands in its way.

    Raises
    ------
    BadInputError
        When the role of the connection is one.
    """
    found = facts(connection)
    if found.superuser:
        raise BadInputError(
            f"{VARIABLE} names the superuser '{found.name}', whom no guard of the audit chain stops: name a role of "
            f"the program's own there and put this address into {OWNER_VARIABLE}; watchroom init makes the role."
        )


def admit(connection: Connection, program: URL) -> None:
    """Give the program's role its rights, on the owner's connection; makes the role when there is none.

    Raises
    ------
    BadInputError
        When the address names no role, or a new one without a password.
    """
    name = program.username
    if not name:
        raise BadInputError(
            f"{VARIABLE} must name the program's role: postgresql+psycopg://ROLE:PASSWORD@HOST/DATABASE."
        )
    if name == connection.scalar(text("SELECT current_user")):
        return
    if connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": name}) is None:
        _make(connection, name, program)
    _grant(connection, name)


def _make(connection: Connection, name: str, program: URL) -> None:
    if not program.password:
        raise BadInputError(
            f"There is no role '{name}' in {name_of(program)}: make it, or give {VARIABLE} a password for it."
        )
    if not connection.scalar(text("SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user")):
        raise BadInputError(
            f"There is no role '{name}' in {name_of(program)}, and the role in {OWNER_VARIABLE} may not make one: ask "
            f"the server's administrator for it (CREATE ROLE … LOGIN PASSWORD …)."
        )
    driver = cast("psycopg.Connection[Any]", connection.connection.dbapi_connection)
    # Hashed here, so that the server's log never holds the password.
    hashed = driver.pgconn.encrypt_password(str(program.password).encode(), name.encode(), b"scram-sha-256").decode()
    run(connection, f"CREATE ROLE {quoted(connection, name)} LOGIN PASSWORD '{hashed}'")


def _grant(connection: Connection, name: str) -> None:
    role, schema = quoted(connection, name), quoted(connection, str(connection.scalar(text("SELECT current_schema()"))))
    for table in sorted(tables(connection)):
        rights = "SELECT" if table in READ else "SELECT, INSERT"
        if table not in APPENDED | READ:
            rights += ", UPDATE, DELETE"
        place = f"{schema}.{quoted(connection, table)}"
        run(connection, f"REVOKE ALL ON {place} FROM PUBLIC, {role}", f"GRANT {rights} ON {place} TO {role}")
    if connection.scalar(
        text("SELECT pg_has_role(nspowner, 'MEMBER') FROM pg_namespace WHERE nspname = current_schema()")
    ):
        run(connection, f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, {role}")
    run(
        connection,
        f"GRANT USAGE ON SCHEMA {schema} TO {role}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
    )


def quoted(connection: Connection, name: str) -> str:
    """Return a name as it may stand in a statement."""
    return connection.dialect.identifier_preparer.quote_identifier(name)


def run(connection: Connection, *statements: str) -> None:
    """Run statements that take no parameters."""
    for statement in statements:
        connection.exec_driver_sql(statement)
