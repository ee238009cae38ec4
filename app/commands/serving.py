"""demo, serve, worker: what runs until it is stopped."""

from pathlib import Path
from typing import Annotated

import typer

from app.commands.options import As, Home, Json, answer, home_of, opened, progress

Port = Annotated[int, typer.Option("--port", min=1, max=65535, help="Port on the loopback.")]


def register(program: typer.Typer) -> None:
    """Add these commands to the program."""
    program.command("demo")(demo)
    program.command("serve")(serve)
    program.command("worker")(worker)


def demo(
    build_only: Annotated[bool, typer.Option("--build-only", help="Build the sample fleet, do not serve.")] = False,
    port: Port = 8501,
    home: Home = None,
    as_name: As = None,
    as_json: Json = False,
) -> None:
    """Build the sample fleet in a home of its own, then show it."""
    from app import demo as sample
    from app.server import serve as serve_home

    folder = sample.demo_home(home)
    built = sample.build(folder, say=progress)
    answer(built, [f"The sample fleet is ready in {folder}."], as_json=as_json)
    if not build_only:
        serve_home(folder, port, worker=True)


def serve(
    port: Port = 8501,
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Do not start a worker beside the dashboard.")] = False,
    home: Home = None,
    as_name: As = None,
    as_json: Json = False,
) -> None:
    """Show the dashboard on the loopback."""
    from app.server import serve as serve_home

    opened(home, as_name)
    serve_home(home_of(home), port, worker=not no_worker)


def worker(
    once: Annotated[bool, typer.Option("--once", help="Leave when no job waits.")] = False,
    home: Home = None,
    as_name: As = None,
    as_json: Json = False,
) -> None:
    """Run the waiting jobs, one at a time."""
    from app.delivering import between_jobs
    from core.jobs.service import run_worker

    opened(home, as_name)
    done = run_worker(Path(home_of(home)), target="app.jobs:run", once=once, meanwhile=between_jobs)
    answer({"jobs": done}, [f"{done} jobs done."], as_json=as_json)
