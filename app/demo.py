"""The sample fleet: real flights and staged models, taken in through the same services as anybody's log.

The fleet is built beside its place and moved there when it is whole, so that a killed build leaves nothing
behind that looks finished. A stamp names the fleet's version; the second run only reads it.
"""

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from heapq import merge
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from app import actions, demo_census
from app.commands.options import HOME_VARIABLE
from core.access.principal import LOCAL
from core.checks.evaluation import RULES
from core.errors import BadInputError
from core.home.service import create_store, freeze_clock
from core.inventory.service import add_model
from core.log import service as log
from core.log.outcomes import LogRole
from core.log.schema import load_schema
from core.profile.binning import KERNEL_VERSION
from core.store.database import DATABASE, HEAD, Store

if TYPE_CHECKING:
    from sample_data.staging import Delivery

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "sample_data"
DEFAULT_HOME = ".watchroom-demo"
STAMP = "sample-fleet.json"
DISK_MEGABYTES = 50
MODEL, VERSION = "flight-delay", "v1"
STAGED = ("credit-risk", "demand", "ticket-routing")
"""The models that are invented, each by its own generator in `sample_data`."""

Say = Callable[[str], None]


def demo_home(home: Path | None) -> Path:
    """Return the folder of the sample fleet: the option, else the environment's, else one of its own.

    A user's own store is never touched: `build` refuses a folder that holds one.
    """
    return home or Path(os.environ.get(HOME_VARIABLE) or DEFAULT_HOME)


def fleet_version() -> str:
    """Return the hash of everything that the built fleet depends on."""
    digest = hashlib.sha256(f"{HEAD} {KERNEL_VERSION} {RULES}".encode())
    for file in sorted(SAMPLES.rglob("*")):
        if file.is_file() and file.suffix in {".py", ".yaml", ".parquet", ".skops"}:
            digest.update(str(file.relative_to(SAMPLES)).encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def build(home: Path, *, say: Say) -> Mapping[str, Any]:
    """Build the sample fleet in `home` unless it stands there already in this version.

    Raises
    ------
    BadInputError
        When `home` holds a store that is not a sample fleet.
    """
    version = fleet_version()
    if (home / DATABASE).exists() and not (home / STAMP).exists():
        raise BadInputError(f"{home} holds a store of your own; give the sample fleet another folder with --home.")
    home.absolute().parent.mkdir(parents=True, exist_ok=True)
    with FileLock(home.absolute().with_name(f"{home.name}.lock")):
        if _stands(home, version):
            say(f"The sample fleet in {home} is up to date.")
            return {"home": str(home), "fleet": version, "built": False, "seconds": 0.0}
        say(f"Building the sample fleet in {home} (about {DISK_MEGABYTES} MB, about a minute).")
        began = time.monotonic()
        _build_beside(home, version, say)
        seconds = time.monotonic() - began
    say(f"The sample fleet is built ({seconds:.0f} s).")
    return {"home": str(home), "fleet": version, "built": True, "seconds": round(seconds, 1)}


def _stands(home: Path, version: str) -> bool:
    stamp = home / STAMP
    return stamp.exists() and json.loads(stamp.read_text(encoding="utf-8")).get("fleet") == version


def _build_beside(home: Path, version: str, say: Say) -> None:
    """Build the fleet in a folder beside `home`, then move it there; what a killed build left is swept first."""
    beside = home.absolute().parent
    for left in beside.glob(f"{home.name}.building-*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"{home.name}.building-", dir=beside) as folder:
        place = Path(folder) / "home"
        _build_fleet(place, Path(folder), _timed(say))
        (place / STAMP).write_text(json.dumps({"fleet": version}), encoding="utf-8")
        if home.exists():
            shutil.rmtree(home)
        place.rename(home.absolute())


def _timed(say: Say) -> Say:
    began = time.monotonic()
    return lambda text: say(f"{time.monotonic() - began:5.1f} s  {text}")


def _build_fleet(home: Path, scratch: Path, say: Say) -> None:
    from sample_data.flight_delay import files

    say("store: making an empty one")
    store = _live_staged(create_store(LOCAL, home), scratch, say)
    store = freeze_clock(store, LOCAL, files.FROZEN_AT)
    say(f"{MODEL}: reading the flights of 2013 (US Bureau of Transportation Statistics)")
    reference = files.write_reference(scratch)
    predictions = files.write_predictions(scratch)
    actuals = files.write_actuals(scratch, files.FROZEN_AT)
    _take_in(store, reference, predictions, actuals, say)
    demo_census.take_in(store, scratch, say)
    store.engine.dispose()


def _live_staged(store: Store, scratch: Path, say: Say) -> Store:
    """Let the staged models live their last weeks: the clock moves with the files, and all is judged at the end."""
    from sample_data.staging import CLOCK, LAST_LOADED, midnight

    store = freeze_clock(store, LOCAL, midnight(LAST_LOADED))
    generators = _generators()
    lives = [_begin_staged(store, model, generators[model], scratch, say) for model in STAGED]
    say(f"staged models: {sum(map(len, lives))} files, each at its own time")
    for delivery, model in merge(*lives, key=lambda one: one[0].at):
        store = freeze_clock(store, LOCAL, delivery.at)
        _deliver(store, model, delivery)
    store = freeze_clock(store, LOCAL, CLOCK)
    for model in STAGED:
        say(f"{model} (staged): profiles and states")
        actions.refresh(store, LOCAL, model=model)
    return store


def _generators() -> Mapping[str, ModuleType]:
    from sample_data.credit_risk import generate as credit_risk
    from sample_data.demand import generate as demand
    from sample_data.ticket_routing import generate as ticket_routing

    return {"credit-risk": credit_risk, "demand": demand, "ticket-routing": ticket_routing}


def _begin_staged(
    store: Store, model: str, generator: ModuleType, scratch: Path, say: Say
) -> Sequence[tuple["Delivery", str]]:
    """Add a staged model with its reference; returns its files in the order in which they are handed over."""
    from sample_data.staging import write_deliveries, write_reference

    say(f"{model} (staged): inventing its rows")
    rows = generator.staged_rows()
    add_model(store, LOCAL, load_schema(generator.SCHEMA))
    reference = write_reference(rows, scratch, model)
    actions.add_version(store, LOCAL, model=model, version=VERSION, artifact=None, reference=reference)
    return [(one, model) for one in write_deliveries(rows, scratch, model)]


def _deliver(store: Store, model: str, delivery: "Delivery") -> None:
    if delivery.kind == "predictions":
        outcome = log.ingest_file(store, LOCAL, model=model, version=VERSION, file=delivery.file, role=LogRole.SERVED)
    else:
        outcome = log.ingest_actuals(store, LOCAL, model=model, file=delivery.file, all_days=False)
    if outcome.refused:
        raise BadInputError(f"{delivery.file.name} was refused: {outcome.reason}")


def _take_in(store: Store, reference: Path, predictions: list[Path], actuals: list[Path], say: Say) -> None:
    source = SAMPLES / "flight_delay"
    add_model(store, LOCAL, load_schema(source / "model.yaml"))
    artifact = source / "model.skops"
    say(f"{MODEL}: the reference, January to March")
    actions.add_version(store, LOCAL, model=MODEL, version=VERSION, artifact=artifact, reference=reference)
    say(f"{MODEL}: {len(predictions)} files of predictions, {len(actuals)} of actuals")
    actions.take_in_history(
        store, LOCAL, model=MODEL, version=VERSION, predictions=predictions, actuals=actuals, say=say
    )
