"""executor: who carries releases out."""

from typing import Annotated

import typer

from app.commands.options import As, Home, Json, answer, opened

Allow = Annotated[
    list[str] | None, typer.Option("--allow", help="A host, or a private address, that the webhook may reach.")
]


def register(program: typer.Typer) -> None:
    """Add these commands to the program."""
    executor = typer.Typer(help="Who carries releases out.", no_args_is_help=True)
    executor.command("show")(show)
    executor.command("set")(set_executor)
    program.add_typer(executor, name="executor")


def show(home: Home = None, as_name: As = None, as_json: Json = False) -> None:
    """Print the executor of the store, and what it may reach."""
    from core.executors.service import executor_settings

    store, _ = opened(home, as_name)
    found = executor_settings(store)
    reach = f"; it may reach {', '.join(found.hosts)}" if found.hosts else ""
    line = f"{found.executor}{reach}; an acknowledgement may take {found.within_minutes} minutes."
    answer(found.as_json(), [line], as_json=as_json)


def set_executor(
    executor: Annotated[str, typer.Argument(help="embedded, or the https address of a webhook.")],
    allow: Allow = None,
    minutes: Annotated[int, typer.Option("--minutes", help="How long an acknowledgement may take.")] = 15,
    reason: Annotated[str, typer.Option("--reason", help="Why, in a sentence.")] = "",
    home: Home = None,
    as_name: As = None,
    as_json: Json = False,
) -> None:
    """Let another executor carry releases out; those that are open become stale."""
    from core.executors import service

    store, principal = opened(home, as_name)
    made = service.set_executor(
        store, principal, executor=executor, hosts=allow or (), within_minutes=minutes, reason=reason
    )
    answer(made.as_json(), [f"Releases are carried out by: {made.executor}."], as_json=as_json)
