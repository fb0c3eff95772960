"""What a rename leaves over: exports in strings, unknown receivers, strings, comments, docs.

Each is offered as a separate change that stands on its own: relative to the text after the rename,
one for each file and kind, no two on one line. All places are listed, up to a bound.
"""

from __future__ import annotations

import argparse
import ast
import collections
import datetime
import io
import logging
import pathlib
import re
import subprocess
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from codexspark_tui.codemods.model import ExtraEdit, FileEdit, Mention, MentionKind, Place
from codexspark_tui.codemods.plans import FilePlan
from codexspark_tui.codemods.scan import Lines
from codexspark_tui.codemods.sources import Library, Source
from codexspark_tui.codemods.swaps import Swap, apply_swaps, shifted
from codexspark_tui.codemods.symbols import Definition
from codexspark_tui.codemods.target import Target

MOST_MENTIONS = 200

_ORDER: tuple[MentionKind, ...] = ("__all__", "attribute", "string", "docs", "comment")
_COMMON_CLASSES: tuple[type, ...] = (
    *(object, str, bytes, list, dict, set, tuple, int, float, slice, property, BaseException),
    *(io.TextIOWrapper, io.BytesIO, pathlib.Path, re.Pattern, re.Match, logging.Logger),
    *(datetime.datetime, threading.Thread, threading.Event, subprocess.Popen),
    *(collections.deque, collections.OrderedDict, collections.Counter, argparse.ArgumentParser),
)


@dataclass(frozen=True, slots=True)
class _Spot:
    """A place (offset in the plain text before the rename) that may be changed too."""

    offset: int
    where: MentionKind


class Offers:
    """Finds what is left over of one symbol's old name."""

    def __init__(
        self, library: Library, target: Target, new: str, every: Sequence[Definition]
    ) -> None:
        self._library = library
        self._target = target
        self._old = target.name
        self._new = new
        group = {(d.path, d.offset) for d in target.group}
        self._is_unique = all((d.path, d.offset) in group for d in every) and not any(
            hasattr(common, self._old) for common in _COMMON_CLASSES
        )

    def of(
        self, plans: Sequence[FilePlan]
    ) -> tuple[tuple[ExtraEdit, ...], tuple[Mention, ...], tuple[str, ...]]:
        """Extra edits, mentions and notices for everything that the rename leaves over."""
        extras: list[ExtraEdit] = []
        mentions: list[Mention] = []
        for plan in plans:
            self._one(plan.source, list(self._spots(plan)), plan.swaps, extras, mentions)
        if not self._target.is_local:
            for source in self._library.documents_with(self._old):
                spots = [_Spot(o, "docs") for o in self._in_prose(source.plain)]
                self._one(source, spots, [], extras, mentions)
        unsure = [(p.source.path, len(p.unsure)) for p in plans if p.unsure]
        notices = [*self._about_unsure(unsure)]
        if len(mentions) > MOST_MENTIONS:
            notices.append(
                f"{len(mentions)} places name “{self._old}” besides; "
                f"the first {MOST_MENTIONS} are listed."
            )
        return tuple(extras), tuple(mentions[:MOST_MENTIONS]), tuple(notices)

    def _about_unsure(self, unsure: list[tuple[str, int]]) -> Iterator[str]:
        if unsure:
            files = ", ".join(f"{path} ({count})" for path, count in unsure[:5])
            more = f" and {len(unsure) - 5} more files" if len(unsure) > 5 else ""
            yield (
                f"“.{self._old}” is also used on objects whose type is not known, "
                f"offered as separate changes: {files}{more}."
            )

    def _one(
        self,
        source: Source,
        spots: list[_Spot],
        swaps: Sequence[Swap],
        extras: list[ExtraEdit],
        mentions: list[Mention],
    ) -> None:
        if not spots:
            return
        lines = Lines(source.plain)
        after_plain = apply_swaps(source.plain, swaps)
        after = source.restore(after_plain)
        claimed: set[int] = set()
        for where in _ORDER:
            chosen = []
            for spot in (s for s in spots if s.where == where):
                line, column = lines.place(spot.offset)
                place = Place(source.path, line, column)
                mentions.append(Mention(place, where, lines.texts[line - 1].strip()))
                if line not in claimed:
                    chosen.append(spot)
            claimed |= {lines.place(s.offset)[0] for s in chosen}
            if chosen:
                moved = [shifted(swaps, s.offset) for s in chosen]
                extra = [Swap(o, o + len(self._old), self._new) for o in moved]
                text = source.restore(apply_swaps(after_plain, extra))
                edit = FileEdit(source.path, after, text)
                why = self._why(where, len(chosen), source.path)
                extras.append(ExtraEdit(edit, where, why, self._is_on(where)))

    def _is_on(self, where: MentionKind) -> bool:
        return where == "__all__" or (where == "attribute" and self._is_unique)

    def _why(self, where: MentionKind, count: int, path: str) -> str:
        name = f"“{self._old}”"
        match where:
            case "__all__":
                return f"__all__ of {path} exports {name} by its name"
            case "attribute" if self._is_unique:
                return (
                    f"“.{self._old}” on objects of unknown type, {count} in {path}; "
                    "nothing else in the project has that name"
                )
            case "attribute":
                return f"“.{self._old}” on objects of unknown type, {count} in {path}"
            case "string":
                return f"strings that are exactly {name} or a dotted path to it, {count} in {path}"
            case "comment":
                return f"comments that name {name}, {count} in {path}"
            case "docs":
                return f"documentation that names {name}, {count} in {path}"

    def _spots(self, plan: FilePlan) -> Iterator[_Spot]:
        yield from (_Spot(offset, "attribute") for offset in plan.unsure)
        if self._target.is_local and plan.source.path != self._target.group[0].path:
            return
        tree = self._library.tree(plan.source.path)
        if tree is None:
            return
        lines = plan.uses.lines
        exported = self._exports(plan, tree)
        docstrings = _docstring_spans(tree, lines)
        prose = set(self._in_prose(plan.source.plain))
        for found in plan.rest:
            if found.where == "comment" and found.start in prose:
                yield _Spot(found.start, "comment")
            elif found.where == "string" and any(a <= found.start < b for a, b in docstrings):
                if found.start in prose:
                    yield _Spot(found.start, "docs")
            elif found.where == "string" and found.chunk in exported:
                yield _Spot(found.start, "__all__")
            elif found.where == "string" and found.whole and not self._target.is_local:
                yield _Spot(found.start, "string")

    def _exports(self, plan: FilePlan, tree: ast.Module) -> set[int]:
        """Starts of the strings in `__all__` that are the symbol's name, where they mean it."""
        strings = [
            plan.uses.lines.byte_offset(node.lineno, node.col_offset)
            for node in _all_strings(tree)
            if node.value == self._old
        ]
        path = plan.source.path
        meant = bool(strings) and self._target.is_global_of(path)
        return set(strings) if meant else set()

    def _in_prose(self, text: str) -> Iterable[int]:
        """Places in comments and documentation; an ordinary word only where it looks like code."""
        name = re.escape(self._old)
        if re.fullmatch(r"[A-Za-z][a-z]+", self._old):
            pattern = rf"(?<=[`.])\b{name}\b(?=[`(])|(?<=[`])\b{name}\b|\b{name}\b(?=\(|`)"
        else:
            pattern = rf"\b{name}\b"
        return (match.start() for match in re.finditer(pattern, text))


def _all_strings(tree: ast.Module) -> Iterator[ast.Constant]:
    """The strings that are put into a module's `__all__`, in any of the usual ways."""
    for node in ast.walk(tree):
        value: ast.AST | None = None
        match node:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=found):
                value = found
            case ast.AnnAssign(target=ast.Name(id="__all__"), value=found):
                value = found
            case ast.AugAssign(target=ast.Name(id="__all__"), value=found):
                value = found
            case ast.Call(func=ast.Attribute(value=ast.Name(id="__all__"))):
                value = node
        for inner in ast.walk(value) if value is not None else ():
            if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                yield inner


def _docstring_spans(tree: ast.Module, lines: Lines) -> list[tuple[int, int]]:
    spans = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            text = node.value
            if isinstance(text.value, str) and text.end_lineno and text.end_col_offset is not None:
                start = lines.byte_offset(text.lineno, text.col_offset)
                spans.append((start, lines.byte_offset(text.end_lineno, text.end_col_offset)))
    return spans
