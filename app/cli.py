"""The `watchroom` program: exit code 0 done, 1 critical or refused, 2 bad use or bad input (one sentence)."""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click
import typer

from app.commands import data, inventory, metrics, records, serving
from app.commands.options import home_of
from core.errors import CoreError, RefusedError

program = typer.Typer(
    name="watchroom",
    help="The control room for machine-learning models in production.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for part in (inventory, data, metrics, records, serving):
    part.register(program)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program and leave with its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(run(given))


def run(arguments: list[str]) -> int:
    """Run one command; returns the exit code and never raises for bad use, bad input or a refusal."""
    try:
        result = program(arguments, standalone_mode=False)
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.exceptions.Abort:
        return _fail("Stopped.")
    except click.ClickException as error:
        return _fail(_usage(error))
    except RefusedError as error:
        if "--json" in arguments:
            sys.stdout.write(json.dumps({"refused": error.code, "why": error.why}, ensure_ascii=False) + "\n")
        _fail(str(error))
        return 1
    except CoreError as error:
        return _fail(str(error))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return _fail("Stopped; nothing half-done is left behind.")
    except OSError as error:
        return _fail(f"The system refused: {error.strerror or error} ({error.filename or 'no file'}).")
    except Exception as error:  # noqa: BLE001 - the last net: a person sees a sentence, the file has the trace
        return _fail(_unexpected(error))
    return result if isinstance(result, int) else 0


def _usage(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "watchroom"
    return f"{error.format_message()} See: {command} --help"


def _fail(sentence: str) -> int:
    sys.stderr.write(" ".join(sentence.split()) + "\n")
    return 2


def _unexpected(error: Exception) -> str:
    import traceback

    trace = Path(home_of(None)) / "last-error.txt"
    kept = f"; the details are in {trace}"
    try:
        trace.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    except OSError:
        kept = ""
    return f"Watchroom met an error it does not know ({type(error).__name__}: {error}){kept}; please report it."


if __name__ == "__main__":
    main()
