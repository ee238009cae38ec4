"""The `watchroom` program: exit code 0 done, 1 critical or refused, 2 bad use or bad input (one sentence)."""

import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Sequence

import typer
from typer.exceptions import Abort, Exit, TyperException

from app.commands import data, executors, explain, governance, inventory, metrics, records, releases, serving
from core.errors import CoreError, RefusedError

program = typer.Typer(
    name="watchroom",
    help="The control room for machine-learning models in production.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for part in (inventory, data, metrics, explain, governance, releases, executors, records, serving):
    part.register(program)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program and leave with its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(run(given))


def run(arguments: list[str]) -> int:
    """Run one command; returns the exit code and never raises for bad use, bad input or a refusal."""
    try:
        result = program(arguments, standalone_mode=False)
    except Exit as leave:
        return leave.exit_code
    except Abort:
        return _fail("Stopped.")
    except TyperException as error:
        return _misused(error)
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


def _misused(error: TyperException) -> int:
    """Say how a command is used: the help when only its name was given, else one sentence."""
    context = getattr(error, "ctx", None)
    told = getattr(error, "format_message", lambda: str(error))()
    if type(error).__name__ == "NoArgsIsHelpError":
        sys.stderr.write(f"{told}\n")
        return 2
    command = context.command_path if context is not None else "watchroom"
    return _fail(f"{told.rstrip('.')}. See: {command} --help")


def _fail(sentence: str) -> int:
    from core.log.names import printable

    sys.stderr.write(printable(" ".join(sentence.split())) + "\n")
    return 2


def _unexpected(error: Exception) -> str:
    import traceback

    kept = ""
    with (
        contextlib.suppress(OSError),
        tempfile.NamedTemporaryFile("w", prefix="watchroom-", suffix=".txt", delete=False, encoding="utf-8") as trace,
    ):
        trace.write("".join(traceback.format_exception(error)))
        kept = f"; please report it with the details in {trace.name}"
    return f"Watchroom met an error it does not know ({type(error).__name__}: {error}){kept}."


if __name__ == "__main__":
    main()
