"""The guards of the audit chain as the first revision makes them, by kind of database.

An entry cannot be changed, replaced or removed, and a new one must continue the chain. In PostgreSQL the triggers
are ``ENABLE ALWAYS``: they run also for a session that plays the part of a replica.
"""

_SQLITE = (
    """
    CREATE TRIGGER audit_refuses_update BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit chain is append-only'); END
    """,
    """
    CREATE TRIGGER audit_refuses_delete BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit chain is append-only'); END
    """,
    # lower(hex(zeroblob(32))): the 64 zeros before the first entry
    """
    CREATE TRIGGER audit_continues BEFORE INSERT ON audit
    WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit)
      OR NEW.prev_hash IS NOT coalesce((SELECT hash FROM audit ORDER BY seq DESC LIMIT 1), lower(hex(zeroblob(32))))
    BEGIN SELECT RAISE(ABORT, 'the entry does not continue the audit chain'); END
    """,
)

# TG_TABLE_SCHEMA: a temporary table named audit must not be read in the place of the chain.
_POSTGRESQL = (
    """
    CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the audit chain is append-only' USING ERRCODE = 'integrity_constraint_violation'; END
    $$
    """,
    """
    CREATE FUNCTION audit_continue() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE last_seq bigint; last_hash text;
    BEGIN
      EXECUTE format('SELECT seq, hash FROM %I.audit ORDER BY seq DESC LIMIT 1', TG_TABLE_SCHEMA)
        INTO last_seq, last_hash;
      IF NEW.seq IS DISTINCT FROM coalesce(last_seq, 0) + 1
        OR NEW.prev_hash IS DISTINCT FROM coalesce(last_hash, repeat('0', 64)) THEN
        RAISE EXCEPTION 'the entry does not continue the audit chain'
          USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      RETURN NEW;
    END
    $$
    """,
    """
    CREATE TRIGGER audit_refuses_update BEFORE UPDATE ON audit FOR EACH ROW EXECUTE FUNCTION audit_refuse()
    """,
    """
    CREATE TRIGGER audit_refuses_delete BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_refuse()
    """,
    """
    CREATE TRIGGER audit_refuses_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()
    """,
    """
    CREATE TRIGGER audit_continues BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION audit_continue()
    """,
    *(
        f"ALTER TABLE audit ENABLE ALWAYS TRIGGER {name}"
        for name in ("audit_refuses_update", "audit_refuses_delete", "audit_refuses_truncate", "audit_continues")
    ),
)

GUARDS = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}
