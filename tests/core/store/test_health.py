from core.store import health
from core.store.database import DATABASE


def test_a_fresh_store_is_sound_and_has_nothing_half_done(store):
    with store.read() as session:
        assert health.damage(session) == ""
        assert health.staged_batches(session) == 0


def test_a_damaged_page_is_found(sqlite_store):
    store = sqlite_store
    with store.read() as session:
        connection = session.connection()
        size = connection.exec_driver_sql("PRAGMA page_size").scalar()
        page = connection.exec_driver_sql("SELECT rootpage FROM sqlite_master WHERE name = 'jobs'").scalar()
    store.engine.dispose()
    path = store.home / DATABASE
    blob = bytearray(path.read_bytes())
    blob[(page - 1) * size : page * size] = b"\xff" * size
    path.write_bytes(blob)
    with store.read() as session:
        assert health.damage(session) != ""


def test_a_batch_that_was_begun_and_not_finished_is_counted(store):
    model = "INSERT INTO models (id, key, name, owner, risk_tier, state, created_at, row_version)"
    batch = (
        "INSERT INTO batches (model_id, kind, file, content_hash, state, accepted, quarantined, details, "
        "created_at, created_by)"
    )
    with store.write() as session:
        connection = session.connection()
        connection.exec_driver_sql(f"{model} VALUES (1, 'm0001', 'flights', 'ana', 2, 'ACTIVE', '2014-01-01', 1)")
        for digest, state in (("a", "STAGED"), ("b", "LANDED"), ("c", "STAGED")):
            values = f"(1, 'served', 'x.parquet', '{digest}', '{state}', 1, 0, '{{}}', '2014-01-01', 'ana')"
            connection.exec_driver_sql(f"{batch} VALUES {values}")
        assert health.staged_batches(session) == 2
