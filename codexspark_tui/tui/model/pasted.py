"""Large pastes: in the prompt they are a short mark, and they go with it as an attachment. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from codexspark_tui.counts import count

LINES, CHARACTERS = 12, 2000
HUGE = 20_000  # characters, more than which no prompt can be edited without delay
_MARK = re.compile(r"\[pasted (\d{1,6}): [^\]\n]*\]", re.ASCII)


def is_large(text: str) -> bool:
    return text.count("\n") >= LINES or len(text) >= CHARACTERS


@dataclass(frozen=True, slots=True)
class Entry:
    """A prompt as it is seen, and the texts that its marks stand for, by their number."""

    text: str = ""
    pasted: Mapping[int, str] = field(default_factory=dict)

    def attached(self) -> str:
        """The texts whose marks are in the prompt, in their order there."""
        return "\n\n".join(f"[pasted {n}]\n{self.pasted[n]}" for n in self._numbers())

    def whole(self) -> str:
        """The prompt with the texts in the place of their marks."""

        def text_of(found: re.Match[str]) -> str:
            return self.pasted.get(int(found[1]), found[0])

        return _MARK.sub(text_of, self.text)

    def marked(self, numbers: Mapping[int, int] | None = None) -> Entry:
        """The same with marks that say what is there; `numbers` are new ones for texts."""
        new = {n: n for n in self._numbers()} if numbers is None else numbers

        def mark_of(found: re.Match[str]) -> str:
            number = int(found[1])
            return _mark(new[number], self.pasted[number]) if number in new else found[0]

        pasted = {new[n]: self.pasted[n] for n in self._numbers()}
        return Entry(_MARK.sub(mark_of, self.text), pasted)

    def then(self, other: Entry) -> Entry:
        """This one and behind it the other, whose pastes get numbers of their own."""
        taken = max(self.pasted, default=0)
        later = other.marked({n: at for at, n in enumerate(other._numbers(), taken + 1)})
        return Entry(self.text + later.text, {**self.pasted, **later.pasted})

    def short(self) -> Entry:
        """One mark for all of a text that is too long to be edited."""
        if len(self.text) < HUGE:
            return self
        whole = self.whole()
        return Entry(_mark(1, whole), {1: whole})

    def _numbers(self) -> list[int]:
        numbers = dict.fromkeys(int(n) for n in _MARK.findall(self.text))
        return [n for n in numbers if n in self.pasted]


@dataclass(slots=True)
class Pasted:
    """`texts` by their number, which the mark in the prompt names."""

    texts: dict[int, str] = field(default_factory=dict)

    def add(self, text: str) -> str:
        """Keep a text; the mark for it, with its line and byte counts."""
        number = max(self.texts, default=0) + 1
        self.texts[number] = text
        return _mark(number, text)

    def entry(self, prompt: str) -> Entry:
        """The prompt with those texts whose marks are still in it."""
        every = Entry(prompt, self.texts)
        return Entry(prompt, {n: self.texts[n] for n in every._numbers()})


def _mark(number: int, text: str) -> str:
    lines = len(text.splitlines())
    size = len(text.encode("utf-8", "surrogatepass"))
    return f"[pasted {number}: {count(lines, 'line')}, {count(size, 'byte')}]"


def entry_of(value: object) -> Entry | None:
    """What was kept as JSON: a text, or a text with what was pasted; None for anything else."""
    match value:
        case str():
            return Entry(value)
        case {"text": str(text), "pasted": dict(found)}:
            return Entry(text, _texts(found)).marked()
        case _:
            return None


def _texts(found: Mapping[object, object]) -> dict[int, str]:
    return {
        int(number): text
        for number, text in found.items()
        if isinstance(number, str) and re.fullmatch(r"[0-9]{1,6}", number) and isinstance(text, str)
    }


def value_of(entry: Entry) -> object:
    """The entry for JSON."""
    if not entry.pasted:
        return entry.text
    return {"text": entry.text, "pasted": {str(n): text for n, text in entry.pasted.items()}}
