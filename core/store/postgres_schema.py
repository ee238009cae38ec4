"""What a schema in PostgreSQL needs beside the revisions that both databases share: columns that hold the same."""

from sqlalchemy import Connection, text

from core.errors import BadInputError
from core.store.postgres import name_of
from core.store.postgres_roles import quoted, run


def refuse_other_encodings(connection: Connection) -> None:
    """Refuse a database that does not keep its texts in UTF-8.

    Raises
    ------
    BadInputError
        When it uses another encoding.
    """
    encoding = connection.scalar(text("SHOW server_encoding"))
    if encoding != "UTF8":
        raise BadInputError(
            f"The database {name_of(connection.engine.url)} keeps texts in {encoding}: make one with ENCODING 'UTF8'."
        )


def settle_types(connection: Connection) -> None:
    """Let columns hold what they hold in SQLite: texts of any length that sort by code point, integers of 64 bits.

    How long a text may be is said where it comes in, for both databases alike; the order is that of Python too,
    whatever language the database sorts in.
    """
    found = connection.execute(
        text(
            "SELECT c.relname AS of_table, a.attname AS name, a.atttypid = 'integer'::regtype AS is_integer "
            "FROM pg_attribute a "
            "JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
            "LEFT JOIN pg_collation o ON o.oid = a.attcollation "
            "WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped "
            "AND (a.atttypid IN ('varchar'::regtype, 'integer'::regtype) "
            "OR a.atttypid = 'text'::regtype AND o.collname <> 'C') ORDER BY c.relname, a.attnum"
        )
    )
    columns: dict[str, list[str]] = {}
    for row in found:
        wanted = "bigint" if row.is_integer else 'text COLLATE "C"'
        change = f"ALTER COLUMN {quoted(connection, row.name)} TYPE {wanted}"
        columns.setdefault(row.of_table, []).append(change)
    for table, changes in columns.items():
        run(connection, f"ALTER TABLE {quoted(connection, table)} {', '.join(changes)}")
