"""Options that several commands share: declared once, given to a command as one value.

`@with_options(RunOptions)` gives a command function the options of the dataclass as its own, and
calls it with one `options` value. Every option has a twin in the environment (SPARK_APPLY=1 …).
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import typing
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Annotated, Any, TypeVar

import typer

from codexspark_tui.cli.output import ColorChoice
from codexspark_tui.setting_list import Value

R = TypeVar("R")


def option(*names: str, help: str, **more: Any) -> Any:
    """A Typer option with its environment twin, named after the first long name."""
    variable = _variable(names)
    more.setdefault("envvar", variable)
    return typer.Option(*names, help=f"{help} [env: {variable}]", show_envvar=False, **more)


def setting(*names: str, help: str, **more: Any) -> Any:
    """An option that overrides a setting; its twin is read by the settings themselves."""
    return typer.Option(*names, help=f"{help} [env: {_variable(names)}]", **more)


def argument(metavar: str, help: str) -> Any:
    """A Typer argument that usage and help show under the name `metavar`."""
    return typer.Argument(metavar=metavar, help=help, show_default=False)


def _variable(names: tuple[str, ...]) -> str:
    long = next(n for n in names if n.startswith("--")).split("/")[0].removeprefix("--")
    return "SPARK_" + long.upper().replace("-", "_")


Quiet = Annotated[
    bool, option("--quiet", "-q", help="Say nothing on stderr but warnings and errors.")
]
AsJson = Annotated[
    bool, option("--json", help="Print JSON Lines, the last one a result (spark schema events).")
]


NoGit = Annotated[
    bool,
    option("--no-git", help="Work in this folder as it is; its history is in the state folder."),
]


@dataclass(frozen=True)
class SourceOptions:
    """Where answers come from, and whether they are recorded."""

    model: Annotated[
        str | None,
        setting("--model", "-m", metavar="MODEL", help="The model that answers: SERVER/MODEL."),
    ] = None
    provider: Annotated[
        str | None, setting("--provider", metavar="NAME", help="Where the answer comes from.")
    ] = None
    key_command: Annotated[
        str | None,
        setting("--key-command", metavar="COMMAND", help="A command that prints the key."),
    ] = None
    script: Annotated[
        str | None,
        setting("--script", metavar="FILE", help="The script of the provider named script."),
    ] = None
    recording: Annotated[
        str | None,
        setting("--recording", metavar="FILE", help="The recording that provider replay plays."),
    ] = None
    replay_speed: Annotated[
        float | None,
        setting("--replay-speed", metavar="X", help="Times the recorded pace; 0: no waiting."),
    ] = None
    approvals: Annotated[
        str | None,
        setting(
            "--approvals",
            metavar="MODE",
            help="What needs no answer: review, auto-edit, auto or read-only.",
        ),
    ] = None
    record: Annotated[
        str | None,
        setting("--record", metavar="FILE", help="Add what is asked and answered to this file."),
    ] = None

    system: Annotated[
        str | None,
        setting("--system", metavar="TEXT", help="Said to the model beside our instructions."),
    ] = None

    def source_flags(self) -> dict[str, Value | None]:
        """Those that override settings."""
        return {field.name: getattr(self, field.name) for field in fields(SourceOptions)}


@dataclass(frozen=True)
class TurnOptions:
    """How the changes of a turn are reviewed and shown."""

    interactive: Annotated[
        bool,
        option(
            "--interactive",
            "-i",
            help="Decide hunk by hunk (keys of git add -p), on the terminal even in a pipe.",
        ),
    ] = False
    stat: Annotated[bool, option("--stat", help="Summarise the changes on stderr.")] = False
    as_json: AsJson = False
    partial: Annotated[
        bool | None,
        setting("--partial/--whole", help="Take what can be placed, leave out what cannot."),
    ] = None
    color: Annotated[
        ColorChoice | None,
        setting("--color", metavar="WHEN", help="Colour: auto, always or never."),
    ] = None
    generated: Annotated[
        bool | None,
        setting("--generated/--ask-generated", help="Write ignored and generated files unasked."),
    ] = None
    no_git: NoGit = False
    quiet: Quiet = False
    only: Annotated[
        list[str] | None,
        setting(
            "--only",
            metavar="PATH[::SYMBOL]",
            help="Guard: take no change outside of this place; several times for several.",
        ),
    ] = None
    no_new_deps: Annotated[
        bool | None, setting("--no-new-deps", help="Guard: no new import or dependency.")
    ] = None
    keep_api: Annotated[
        bool | None, setting("--keep-api", help="Guard: public names and signatures stay.")
    ] = None
    max_lines: Annotated[
        float | None,
        setting("--max-lines", metavar="N", help="Guard: at most so many changed lines in all."),
    ] = None
    no_delete: Annotated[bool | None, setting("--no-delete", help="Guard: no file is deleted.")] = (
        None
    )
    no_tests_changed: Annotated[
        bool | None, setting("--no-tests-changed", help="Guard: tests stay as they are.")
    ] = None
    syntax: Annotated[
        bool | None, setting("--syntax", help="Guard: what could be parsed still can.")
    ] = None

    def flags(self) -> dict[str, Value | None]:
        """Those that override settings."""
        given: dict[str, Value | None] = {"partial": self.partial, "color": self.color}
        given["generated"] = self.generated
        if self.only:
            given["only"] = "\n".join(self.only)
        for name in ("no_new_deps", "keep_api", "no_delete", "no_tests_changed", "syntax"):
            given[name] = getattr(self, name)
        if self.max_lines is not None:
            given["max_lines"] = int(self.max_lines)
        return given


@dataclass(frozen=True)
class RunOptions(TurnOptions):
    """The same where changes are made on request, and printed unless they are to be written."""

    apply: Annotated[
        bool, option("--apply", "-a", help="Write the changes instead of printing a patch.")
    ] = False
    mentions: Annotated[
        bool | None,
        setting(
            "--mentions/--no-mentions",
            help="Also take what is only offered: strings, comments and docs that name a symbol.",
        ),
    ] = None

    def flags(self) -> dict[str, Value | None]:
        return super().flags() | {"mentions": self.mentions}


def with_options(kind: type[Any]) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Give a command the fields of `kind` as options, and hand them to it as `options`."""
    hints = typing.get_type_hints(kind, include_extras=True)
    fields = [f for f in dataclasses.fields(kind) if f.init]
    added = [
        inspect.Parameter(
            f.name, inspect.Parameter.KEYWORD_ONLY, default=f.default, annotation=hints[f.name]
        )
        for f in fields
    ]

    def decorate(function: Callable[..., R]) -> Callable[..., R]:
        own_hints = typing.get_type_hints(function, include_extras=True)
        own = [
            p.replace(annotation=own_hints[p.name])
            for p in inspect.signature(function).parameters.values()
            if p.name != "options"
        ]

        @functools.wraps(function)
        def call(**given: Any) -> R:
            chosen = {f.name: given.pop(f.name) for f in fields}
            return function(**given, options=kind(**chosen))

        call.__signature__ = inspect.Signature([*own, *added])  # type: ignore[attr-defined]
        call.__annotations__ = {p.name: p.annotation for p in [*own, *added]}
        return call

    return decorate
