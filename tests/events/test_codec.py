"""One JSON form for every event and command, and one text form for every path."""

from __future__ import annotations

import json
import os
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codexspark_tui.events import commands, facts
from codexspark_tui.events.codec import (
    command_from_line,
    command_schema,
    event_from_line,
    schema,
    to_line,
)
from codexspark_tui.events.paths import path_text, real_path
from codexspark_tui.events.resolved import ResolvedView, to_resolved, view_of
from codexspark_tui.patch.model import (
    Line,
    ResolvedCreate,
    ResolvedDelete,
    ResolvedHunk,
    ResolvedMode,
    ResolvedRename,
)

EVENTS: tuple[Any, ...] = get_args(facts.Event)
COMMANDS: tuple[Any, ...] = get_args(commands.Command)
_FINITE = st.floats(allow_nan=False, allow_infinity=False)
st.register_type_strategy(float, _FINITE)
_ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=12)
_PROPER = st.text(max_size=12)


@pytest.mark.parametrize("kind", [*EVENTS, *COMMANDS], ids=lambda kind: str(kind.__name__))
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_every_type_comes_back_as_it_was(kind: Any, data: st.DataObject) -> None:
    value = data.draw(_made(kind, _PROPER))
    line = to_line(value, seq=3, t_ms=1.25)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    read = event_from_line if kind in EVENTS else command_from_line
    assert read(line) == value
    raw = json.loads(line)
    assert (raw["v"], raw["seq"], raw["t_ms"]) == (1, 3, 1.2)


@pytest.mark.parametrize("kind", [*EVENTS, *COMMANDS], ids=lambda kind: str(kind.__name__))
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_text_that_is_not_unicode_is_written_readably_and_read_again(
    kind: Any, data: st.DataObject
) -> None:
    value = data.draw(_made(kind, _ANY_TEXT))
    line = to_line(value, seq=1, t_ms=0)
    line.decode("utf-8")
    read = event_from_line if kind in EVENTS else command_from_line
    once = read(line)
    assert read(to_line(once, seq=1, t_ms=0)) == once


def test_a_surrogate_is_written_as_the_byte_that_it_stands_for() -> None:
    assert event_from_line(to_line(facts.ProseDelta("a\udcff"), seq=1, t_ms=0)) == facts.ProseDelta(
        "a\\xff"
    )


def _made(kind: Any, text: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    """Values of a struct, every field filled."""
    fields = {f.name: _of_type(f.type, text) for f in msgspec.structs.fields(kind)}
    return st.builds(kind, **fields)


def _of_type(hint: Any, text: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    arguments = get_args(hint)
    origin = getattr(hint, "__origin__", None)
    if hint is str:
        return text
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return _made(hint, text)
    if origin is tuple:
        return st.lists(_of_type(arguments[0], text), max_size=3).map(tuple)
    if origin is None and arguments:
        return st.one_of([_of_type(argument, text) for argument in arguments])
    return st.from_type(hint)


@given(st.binary(max_size=40).map(lambda data: data.replace(b"\0", b"")))
def test_the_text_of_a_path_is_reversible_for_every_byte_string(data: bytes) -> None:
    path = os.fsdecode(data)
    text = path_text(path)
    assert real_path(text) == path
    text.encode("utf-8")
    assert text.isprintable() or not set(text) & set("\n\r\t\x1b\x7f\x9b\u2028\u202e")


@given(_ANY_TEXT)
def test_any_text_has_a_text_form_as_a_path(text: str) -> None:
    path_text(text).encode("utf-8")


def test_an_ordinary_path_is_its_own_text() -> None:
    assert path_text("src/größe 1.py") == "src/größe 1.py"
    assert path_text("a\\b\n") == "a\\\\b\\x0a"


_LINES = st.lists(
    st.builds(Line, st.sampled_from(" -+"), _PROPER, st.sampled_from(["\n", "\r\n", ""])),
    max_size=4,
).map(tuple)
_PATHS = st.binary(min_size=1, max_size=9).map(os.fsdecode)
_MODES = st.sampled_from(["100644", "100755", "120000"])


@given(
    st.one_of(
        st.builds(ResolvedHunk, _PATHS, st.integers(1), _LINES),
        st.builds(ResolvedCreate, _PATHS, _LINES, _MODES),
        st.builds(ResolvedDelete, _PATHS, _LINES, _MODES),
        st.builds(ResolvedRename, _PATHS, _PATHS, st.booleans()),
        st.builds(ResolvedMode, _PATHS, _MODES, _MODES),
    )
)
def test_a_resolved_change_has_one_json_form_and_comes_back(change: Any) -> None:
    view = view_of(change)
    assert to_resolved(msgspec.json.decode(msgspec.json.encode(view), type=ResolvedView)) == change


def test_types_have_names_of_their_own_and_stand_in_the_schema() -> None:
    tags = [kind.__struct_config__.tag for kind in (*EVENTS, *COMMANDS)]
    assert len(tags) == len(set(tags))
    for kinds, made in ((EVENTS, schema()), (COMMANDS, command_schema())):
        assert {kind.__name__ for kind in kinds} <= set(made["$defs"])


def test_events_and_commands_are_plain_data() -> None:
    plain = (str, int, float, bool, type(None))
    for kind in (*EVENTS, *COMMANDS):
        assert kind.__struct_config__.frozen
        for field in msgspec.structs.fields(kind):
            assert _is_plain(field.type, plain), (kind, field.name)


def _is_plain(hint: Any, plain: tuple[type, ...]) -> bool:
    if isinstance(hint, type):
        if issubclass(hint, msgspec.Struct):
            return all(_is_plain(f.type, plain) for f in msgspec.structs.fields(hint))
        return hint in plain
    arguments = [argument for argument in get_args(hint) if argument is not Ellipsis]
    return all(isinstance(a, str) or _is_plain(a, plain) for a in arguments)
