"""Fits a model's added lines to the file: indentation of a shifted block, its characters.

Everything is learned from the old lines whose place is known; where they do not agree, the added
lines stay as they were written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from codexspark_tui.patch.model import Sign

Pair: TypeAlias = tuple[Sign, str, str]
"""An old line: its sign, the model's text, the file's text."""

Fit: TypeAlias = Callable[[str], str]


def indent_of(text: str) -> str:
    """The white space that a line begins with."""
    return text[: len(text) - len(text.lstrip(" \t"))]


def fitting(pairs: Sequence[Pair]) -> Fit:
    """What to do with each added line, learned from the old lines."""
    told = [(s, indent_of(m), indent_of(f)) for s, m, f in pairs if m.strip() and f.strip()]
    differing = [pair for pair in told if pair[1] != pair[2]]
    if not differing:
        return _unchanged
    removed = [pair for pair in told if pair[0] == "-"]
    if removed and all(model == file for _, model, file in removed):
        return _unchanged  # the model wrote its own lines right and only misquoted context
    if not removed and _lost_sign(told):
        return _unchanged
    if all("\t" not in model + file for _, model, file in told):
        return _shifted(told)
    return _mapped(told)


def _unchanged(text: str) -> str:
    return text


def _lost_sign(told: Sequence[tuple[Sign, str, str]]) -> bool:
    """Context that lost the blank which stands for its sign is one column short, or right."""
    return all(len(file) - len(model) in (0, 1) for _, model, file in told)


def _shifted(told: Sequence[tuple[Sign, str, str]]) -> Fit:
    """The whole block stands further in or out by the same number of blanks."""
    shifts = {len(file) - len(model) for _, model, file in told}
    if len(shifts) != 1:
        return _scaled(told)
    shift = shifts.pop()

    def fit(text: str) -> str:
        if not text.strip():
            return text
        if shift > 0:
            return " " * shift + text
        return text[min(-shift, len(indent_of(text))) :]

    return fit


def _scaled(told: Sequence[tuple[Sign, str, str]]) -> Fit:
    """Another width of indentation, such as two blanks for the file's four: depth by depth."""
    table: dict[str, str] = {}
    for _, model, file in told:
        if table.setdefault(model, file) != file:
            return _unchanged
    return _by_table(table)


def _mapped(told: Sequence[tuple[Sign, str, str]]) -> Fit:
    """Tabs for blanks or blanks for tabs: each indentation becomes what the file has for it."""
    table: dict[str, str] = {}
    for _, model, file in told:
        if table.setdefault(model, file) != file:
            return _unchanged
    return _by_table(table)


def _by_table(table: dict[str, str]) -> Fit:
    """Known indentations are replaced; deeper ones keep what they have beyond the deepest known."""
    unit_model, unit_file = _units(table)

    def fit(text: str) -> str:
        indent = indent_of(text)
        if not text.strip() or not indent:
            return text
        rest = text[len(indent) :]
        if indent in table:
            return table[indent] + rest
        if unit_model and not len(indent) % len(unit_model):
            times = len(indent) // len(unit_model)
            if unit_model * times == indent:
                return unit_file * times + rest
        return text

    return fit


def _units(table: dict[str, str]) -> tuple[str, str]:
    """One step of indentation in the model's text and in the file's, where all agree on it."""
    known = sorted((m, f) for m, f in table.items() if m and f)
    for model, file in known:
        if len(set(model)) == 1 and len(set(file)) == 1:
            for width in (1, 2, 4, 8, 3):
                if len(model) % width or (len(model) // width) > 64:
                    continue
                steps = len(model) // width
                if len(file) % steps == 0:
                    unit = (model[:width], file[: len(file) // steps])
                    if all(_agrees(unit, m, f) for m, f in known):
                        return unit
    return "", ""


def _agrees(unit: tuple[str, str], model: str, file: str) -> bool:
    steps, left = divmod(len(model), len(unit[0]))
    return not left and unit[0] * steps == model and unit[1] * steps == file
