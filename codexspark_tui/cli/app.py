"""The command table, and the call. Only the module of the command that is called is imported."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated

import typer

from codexspark_tui import __version__
from codexspark_tui.cli.output import is_terminal, print_product
from codexspark_tui.errors import Interrupted, UsageError

MODULES: dict[str, str] = {
    "app": "app",
    "edit": "edit",
    "review": "review",
    "apply": "apply",
    "undo": "history",
    "redo": "history",
    "log": "history",
    "show": "history",
    "rename": "codemods",
    "move": "codemods",
    "extract": "codemods",
    "inline": "codemods",
    "tidy": "codemods",
    "replace": "codemods",
    "docstrings": "codemods",
    "tests": "codemods",
    "codemods": "about",
    "doctor": "doctor",
    "config": "about",
    "completion": "about",
    "schema": "about",
    "demo": "demo",
}
APP_OPTIONS = ("--provider", "--script", "--theme")
EPILOG = (
    "Exit codes: 0 done; 1 nothing to change, or a part was left out; 2 usage; 3 model or network; "
    "4 key; 5 could not be placed or written; 6 a limit; 130 interrupted; 141 broken pipe."
)


def call(arguments: list[str]) -> int:
    """Parse and run; returns the exit code. Problems of usage are raised as `UsageError`."""
    completing = "_SPARK_COMPLETE" in os.environ
    if not completing:
        arguments = _with_app(arguments)
    if completing:
        _prepare_completion()
    name = next((a for a in arguments if not a.startswith("-")), "")
    app = build(None if completing or name not in MODULES else name)
    command = typer.main.get_command(app)
    try:
        code = command.main(args=arguments, prog_name="spark", standalone_mode=False)
    except (typer.Exit, typer.Abort) as ended:
        if isinstance(ended, typer.Abort):
            raise Interrupted("interrupted") from None
        return int(ended.exit_code)
    except typer.TyperException as error:
        raise _usage_error(error, name) from error
    return code if isinstance(code, int) else 0


def _with_app(arguments: list[str]) -> list[str]:
    """Without a command it is the app, where there is a terminal for it or options say so."""
    first = arguments[0] if arguments else ""
    if not first:
        return ["app"] if is_terminal(0) and is_terminal(1) else arguments
    is_option = first.startswith("--") and first.partition("=")[0] in APP_OPTIONS
    return ["app", *arguments] if is_option else arguments


def _prepare_completion() -> None:
    """Register the shells with Typer, as its own completion options would do."""
    from typer import completion

    completion.get_completion_inspect_parameters()


def _usage_error(error: typer.TyperException, name: str) -> UsageError:
    """The parser's complaint as our own error."""
    where = f"spark {name}" if name in MODULES else "spark"
    message = error.format_message().rstrip(".")
    return UsageError(message[:1].lower() + message[1:], next_step=f"See: {where} --help")


def build(only: str | None = None) -> typer.Typer:
    """The application with one command, or with all of them."""
    app = typer.Typer(
        name="spark",
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        no_args_is_help=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        epilog=EPILOG,
    )
    app.callback(invoke_without_command=True)(_root)
    names = [only] if only else list(MODULES)
    modules = dict.fromkeys(MODULES[name] for name in names)
    for module in modules:
        registered = import_module(f"codexspark_tui.cli.{module}_commands")
        registered.register(app, names)
    return app


def _root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", "-V", help="Print the version.")] = False,
) -> None:
    """Pair programming in the terminal: review each change, and undo any of them, at any time."""
    if version:
        print_product(f"spark {__version__}\n")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print_product(context.get_help() + "\n")


def shown_names(names: Sequence[str], own: Sequence[str]) -> list[str]:
    """Those of a module's commands that are wanted."""
    return [name for name in own if name in names]
