"""Option values from text, without the validation library that Typer would load for it.

Our options are texts, numbers, truths and choices. Typer hands each value, also one that was not
given, to pydantic, whose import alone takes longer than all the rest of the command line; so the
parameters of those kinds get a conversion of their own. Any other kind keeps Typer's.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Union, get_args, get_origin

import typer

HELP_NAMES = ["-h", "--help"]
_TRUTH = {"1": True, "true": True, "t": True, "yes": True, "y": True, "on": True}
_TRUTH |= {"0": False, "false": False, "f": False, "no": False, "n": False, "off": False}


class NotOfKind(ValueError):
    """What is wrong with a value, as a sentence about the value."""


@dataclass(frozen=True)
class PlainValue:
    """Stands where Typer keeps its conversion of one parameter."""

    convert: Callable[[Any], Any]

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        several = param.multiple or param.nargs == -1
        if value is None:
            return () if several else None
        try:
            return [self.convert(v) for v in value] if several else self.convert(value)
        except NotOfKind as error:
            raise typer.BadParameter(str(error), ctx=ctx, param=param) from error


def plain_values(command: Any) -> None:
    """Give the parameters of `command`, and of the commands in it, conversions of our own."""
    context = typer.Context(command, help_option_names=HELP_NAMES)
    for param in command.get_params(context):
        descriptor = getattr(param, "type_descriptor", None)
        convert = _conversion(getattr(descriptor, "annotation", None))
        if convert is None:
            continue
        made = PlainValue(convert)
        param.get_runtime_param = lambda made=made: made
    for inner in getattr(command, "commands", {}).values():
        plain_values(inner)


def _conversion(annotation: Any) -> Callable[[Any], Any] | None:
    if get_origin(annotation) in (Union, types.UnionType):
        kinds = [kind for kind in get_args(annotation) if kind is not types.NoneType]
        return _conversion(kinds[0]) if len(kinds) == 1 else None
    if get_origin(annotation) is list:
        return _conversion(get_args(annotation)[0])
    if get_origin(annotation) is Literal:
        return _choice(get_args(annotation))
    return _PLAIN.get(annotation)


def _choice(choices: Sequence[str]) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        if value not in choices:
            raise NotOfKind(f"{value!r} is none of {', '.join(choices)}")
        return value

    return convert


def _truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).strip().lower() not in _TRUTH:
        raise NotOfKind(f"{value!r} is neither true nor false")
    return _TRUTH[str(value).strip().lower()]


def _number(value: Any) -> float:
    try:
        return float(value)
    except ValueError:
        raise NotOfKind(f"{value!r} is not a number") from None


def _whole(value: Any) -> int:
    try:
        return int(value)
    except ValueError:
        raise NotOfKind(f"{value!r} is not a whole number") from None


def _text(value: Any) -> str:
    return str(value)


_PLAIN: dict[Any, Callable[[Any], Any]] = {
    str: _text,
    bool: _truth,
    float: _number,
    int: _whole,
}
