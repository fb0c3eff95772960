"""The call: from arguments to the function of a command. Only that command's module is imported."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from codexspark_tui import __version__
from codexspark_tui.cli.coercion import HELP_NAMES, plain_values
from codexspark_tui.cli.commands import COMMANDS
from codexspark_tui.cli.output import is_terminal, print_product
from codexspark_tui.cli.parts import in_parts
from codexspark_tui.errors import UsageError

EPILOG = (
    "Exit codes: 0 done; 1 nothing to change, or a part was left out; 2 usage; 3 model or network; "
    "4 key; 5 could not be placed or written; 6 a limit; 130 interrupted; 141 broken pipe."
)
APP_OPTIONS = (
    *("--provider", "--model", "-m", "--script", "--recording", "--replay-speed", "--record"),
    *("--key-command", "--theme", "--no-git", "--resume", "-r", "--session"),
    "--plain",
)
COMPLETING = "_SPARK_COMPLETE"


def call(arguments: list[str]) -> int:
    """Parse and run; returns the exit code. Problems of usage are raised as `UsageError`."""
    if COMPLETING in os.environ:
        return _complete()
    arguments = _with_app(arguments)
    name = arguments[0] if arguments and arguments[0] in COMMANDS else ""
    command = typer.main.get_command(build(name))
    plain_values(command)
    try:
        with command.make_context("spark", arguments) as context:
            gc.freeze()
            gc.enable()
            code = command.invoke(context)
    except typer.Exit as ended:
        return int(ended.exit_code)
    except typer.TyperException as error:
        raise _usage_error(error, name) from error
    return code if isinstance(code, int) else 0


def _with_app(arguments: list[str]) -> list[str]:
    """Without a command it is the app, where there is a terminal for it or its options say so."""
    first = arguments[0] if arguments else ""
    if not first:
        return ["app"] if is_terminal(0) and is_terminal(1) else arguments
    return ["app", *arguments] if first.partition("=")[0] in APP_OPTIONS else arguments


def _complete() -> int:
    """Answer a shell that asks for completions, as Typer's own options would do."""
    from typer import completion

    completion.get_completion_inspect_parameters()
    command = typer.main.get_command(build(*COMMANDS))
    try:
        command.main(args=[], prog_name="spark", standalone_mode=False)
    except typer.Exit as ended:
        return int(ended.exit_code)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 0
    return 0


def _usage_error(error: typer.TyperException, name: str) -> UsageError:
    """The parser's complaint as our own error."""
    where = f"spark {name}" if name else "spark"
    message = error.format_message().strip().rstrip(".")
    return UsageError(message[:1].lower() + message[1:], next_step=f"See: {where} --help")


class _Parted(TyperGroup):
    """Lists its commands in parts."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        names = self.list_commands(ctx)
        width = max(map(len, names))
        rows = [(name, self.commands[name].get_short_help_str(80)) for name in names]
        for title, found in in_parts(rows):
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), summary) for name, summary in found])


def build(*names: str) -> typer.Typer:
    """The application with these commands; for "" with the names of all, which cannot be called."""
    app = typer.Typer(
        name="spark",
        cls=_Parted,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        no_args_is_help=False,
        context_settings={"help_option_names": HELP_NAMES},
        epilog=EPILOG,
    )
    app.callback(invoke_without_command=True)(_root)
    for name in COMMANDS if names == ("",) else names:
        info = COMMANDS[name]
        made: Callable[..., Any] | typer.Typer = _named_only
        if name in names:
            made = import_module(f"codexspark_tui.cli.{info.module}_commands").COMMANDS[name]
        words = {"short_help": info.summary, "epilog": info.epilog}
        if isinstance(made, typer.Typer):
            app.add_typer(made, name=name, **words)  # type: ignore[arg-type]
        else:
            app.command(name, **words)(made)  # type: ignore[arg-type]
    return app


def _named_only() -> None:
    """Stands for a command that is listed and not called."""


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
