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
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from filelock import FileLock

from app.commands.options import HOME_VARIABLE
from app.demo_census import take_in_census
from app.demo_flights import take_in_flights
from app.demo_history import at_start
from app.demo_people import OWNER, add_people
from app.demo_releases import GOVERNED, request_releases
from app.demo_staged import MODELS as STAGED
from app.demo_staged import beside, generators
from core.access.principal import LOCAL
from core.checks.evaluation import RULES
from core.errors import BadInputError
from core.home.service import create_store, freeze_clock
from core.inventory.controls import DEMO, policy
from core.inventory.service import add_model
from core.log.schema import load_schema
from core.profile.binning import KERNEL_VERSION
from core.store.database import DATABASE, HEAD, STORE_VARIABLE

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "sample_data"
BUILDERS = ROOT / "app"
DEFAULT_HOME = ".watchroom-demo"
STAMP = "sample-fleet.json"
DISK_MEGABYTES = 80

Say = Callable[[str], None]


def demo_home(home: Path | None) -> Path:
    """Return the folder of the sample fleet: the option, else the environment's, else one of its own.

    A user's own store is never touched: `build` refuses a folder that holds one.
    """
    return home or Path(os.environ.get(HOME_VARIABLE) or DEFAULT_HOME)


def fleet_version() -> str:
    """Return the hash of everything that the built fleet depends on."""
    digest = hashlib.sha256(f"{HEAD} {KERNEL_VERSION} {RULES} {policy(DEMO).version}".encode())
    samples = (file for file in SAMPLES.rglob("*") if file.suffix in {".py", ".yaml", ".parquet", ".skops"})
    for file in sorted((*samples, *BUILDERS.glob("demo*.py"))):
        digest.update(f"{file.parent.name}/{file.name}".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def build(home: Path, *, say: Say) -> Mapping[str, Any]:
    """Build the sample fleet in `home` unless it stands there already in this version.

    Raises
    ------
    BadInputError
        When `home` holds a store that is not a sample fleet, or the environment names a database.
    """
    if os.environ.get(STORE_VARIABLE):
        raise BadInputError(f"The sample fleet keeps its state in a folder of its own: unset {STORE_VARIABLE} first.")
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
    """Build both halves of the fleet at once, the staged models in a process of their own, then what governs them."""
    from sample_data.flight_delay.files import FROZEN_AT

    say("store: making an empty one")
    store = freeze_clock(create_store(LOCAL, home), LOCAL, FROZEN_AT)
    add_people(store)
    for schema in map(load_schema, _schemas(STAGED)):
        add_model(at_start(store, GOVERNED[schema.model].live_since), OWNER, schema)
    with beside(home, scratch, say, STAGED):
        take_in_flights(store, scratch, say)
        take_in_census(store, scratch, say)
    request_releases(store, say)
    store.engine.dispose()


def _schemas(staged: Sequence[str]) -> Iterator[Path]:
    """Yield the file of every model of the fleet, in the order in which they are added."""
    from sample_data.employment import files

    invented = generators()
    yield from (invented[model].SCHEMA for model in staged)
    yield SAMPLES / "flight_delay" / "model.yaml"
    yield from (SAMPLES / "employment" / name for name in files.SCHEMAS.values())
