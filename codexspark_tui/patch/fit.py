"""Fits a model's added lines to the file: indentation of a shifted block, its characters.

Everything is learned from the old lines whose place is known; where they do not agree, the added
lines stay as they were written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import gcd
from typing import TypeAlias

from codexspark_tui.patch.model import Sign
from codexspark_tui.patch.view import BLANK_LOOK_ALIKES, fold

_LIKE_BLANKS = BLANK_LOOK_ALIKES + " \t"

Pair: TypeAlias = tuple[Sign, str, str]
"""An old line: its sign, the model's text, the file's text."""

Fit: TypeAlias = Callable[[str], str]


def indent_of(text: str) -> str:
    """The white space that a line begins with, in tabs and plain blanks."""
    return _parted(text)[0]


def _parted(text: str) -> tuple[str, str]:
    """A line's indentation and the rest; look-alikes of blanks count as these, or as nothing."""
    if text.isascii():
        rest = text.lstrip(" \t")
        return text[: len(text) - len(rest)], rest
    rest = text.lstrip(_LIKE_BLANKS)
    return fold(text[: len(text) - len(rest)]), rest


def main_indent(file_lines: Sequence[str]) -> str:
    """The character that most indented lines of a file begin with: a tab or a blank."""
    tabs = sum(line.startswith("\t") for line in file_lines)
    return "\t" if tabs * 2 > sum(line[:1] in {" ", "\t"} for line in file_lines) else " "


def fitting(pairs: Sequence[Pair], added: Sequence[str], file_indent: Callable[[], str]) -> Fit:
    """What to do with each of the `added` lines, learned from the old lines.

    Removed lines were written as the added ones were, so they count first; one that is indented in
    neither text says nothing. `file_indent` is asked for the file's own character only where tabs
    and blanks are mixed.
    """
    if all(model == file for _, model, file in pairs):
        return _unchanged
    told = [(s, indent_of(m), indent_of(f)) for s, m, f in pairs if m.strip() and f.strip()]
    if all(model == file for _, model, file in told):
        return _unchanged
    removed = [pair for pair in told if pair[0] == "-" and (pair[1] or pair[2])]
    if removed and all(model == file for _, model, file in removed):
        return _unchanged  # the model wrote its own lines right and only misquoted context
    if not removed and _lost_sign(told) and not _are_short(told, added):
        return _unchanged
    return _shifted(told) or _shifted(removed) or _mapped(told, file_indent)


def _unchanged(text: str) -> str:
    return text


def _lost_sign(told: Sequence[tuple[Sign, str, str]]) -> bool:
    """Context that lost the blank which stands for its sign is one column short, or right."""
    return all(file in (model, " " + model) for _, model, file in told)


def _are_short(told: Sequence[tuple[Sign, str, str]], added: Sequence[str]) -> bool:
    """Whether the added lines are one column short, too, as all of the context is.

    They are where one more blank gives them an indentation that the file shows, or whole steps of
    it, and they have none of those as they stand.
    """
    known = {file for _, _, file in told}
    if any(model == file for _, model, file in told):
        return False
    shown = [indent_of(text) for text in added if text.strip()]
    if any(not indent or indent in known for indent in shown):
        return False
    step = gcd(*(len(indent) for indent in known))
    in_steps = step > 1 and all((len(indent) + 1) % step == 0 for indent in shown)
    return in_steps or any(" " + indent in known for indent in shown)


def _shifted(told: Sequence[tuple[Sign, str, str]]) -> Fit | None:
    """The whole block stands further in or out by the same white space."""
    if not told:
        return None
    extra = {model[: len(model) - len(file)] for _, model, file in told if model.endswith(file)}
    lacking = {file[: len(file) - len(model)] for _, model, file in told if file.endswith(model)}
    if len(extra) == 1 and all(model.endswith(file) for _, model, file in told):
        surplus = extra.pop()
        return lambda text: text.removeprefix(surplus) if text.strip() else text
    if len(lacking) == 1 and all(file.endswith(model) for _, model, file in told):
        prefix = lacking.pop()
        return lambda text: prefix + text if text.strip() else text
    return None


def _mapped(told: Sequence[tuple[Sign, str, str]], file_indent: Callable[[], str]) -> Fit:
    """Each indentation becomes what the file has for it: tabs for blanks, four blanks for two.

    Where tabs and blanks meet, a line that is already indented as most of the file is stays as it
    is. So does every line where some old lines agree with the file: then the file is mixed, and
    the model wrote what it meant.
    """
    table: dict[str, str] = {}
    for _, model, file in told:
        if table.setdefault(model, file) != file:
            return _unchanged
    by_table = _by_table(table)
    if all("\t" not in model + file for model, file in table.items()):
        return by_table
    if any(model and model == file for model, file in table.items()):
        return _unchanged
    own = file_indent()

    def fit(text: str) -> str:
        return text if text.startswith(own) else by_table(text)

    return fit


def _by_table(table: dict[str, str]) -> Fit:
    """Known indentations are replaced; deeper ones keep what they have beyond the deepest known."""
    unit_model, unit_file = _units(table)

    def fit(text: str) -> str:
        indent, rest = _parted(text)
        if not rest.strip() or not indent:
            return text
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
