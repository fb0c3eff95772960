"""Large pastes: in the prompt they are a short mark, and they go with it as an attachment. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from codexspark_tui.counts import count

LINES, CHARACTERS = 12, 2000
HUGE = 20_000  # characters, more than which no prompt can be edited without delay
_MARK = re.compile(r"\[pasted (\d+): [^\]\n]*\]")


def is_large(text: str) -> bool:
    return text.count("\n") >= LINES or len(text) >= CHARACTERS


@dataclass(slots=True)
class Pasted:
    """`texts` by their number, which the mark in the prompt names."""

    texts: dict[int, str] = field(default_factory=dict)

    def add(self, text: str) -> str:
        """Keep a text; the mark for it, with its line and byte counts."""
        number = max(self.texts, default=0) + 1
        self.texts[number] = text
        lines = len(text.splitlines())
        size = len(text.encode("utf-8", "surrogatepass"))
        return f"[pasted {number}: {count(lines, 'line')}, {count(size, 'byte')}]"

    def attached(self, prompt: str) -> str:
        """The texts whose marks are still in the prompt, in their order there."""
        numbers = dict.fromkeys(int(n) for n in _MARK.findall(prompt))
        found = [(n, self.texts[n]) for n in numbers if n in self.texts]
        return "\n\n".join(f"[pasted {n}]\n{text}" for n, text in found)

    def whole(self, prompt: str) -> str:
        """The prompt with the texts in the place of their marks, for history and draft."""

        def text_of(found: re.Match[str]) -> str:
            return self.texts.get(int(found[1]), found[0])

        return _MARK.sub(text_of, prompt)
