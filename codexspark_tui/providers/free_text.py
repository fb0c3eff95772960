"""The one text in the arguments of a call, while they are written: as it is, or in JSON. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Literal

from codexspark_tui.providers.wire import Surrogates

KEYS = ("input", "patch", "diff", "content")
_ESCAPED = re.compile(r'(?:\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])|[^"\\])*')


@dataclass(slots=True)
class Arguments:
    """Takes the text out of a call's arguments as they come. `keys`: what it may be named.

    `whole`: it has come to its end, as far as that can be told."""

    keys: tuple[str, ...] = KEYS
    whole: bool = False
    kind: Literal["", "text", "json", "patch"] = ""
    _waiting: str = ""
    _halves: Surrogates = field(default_factory=Surrogates)

    def more(self, text: str) -> str:
        """The piece of the text that these characters complete."""
        self._waiting += text
        if not self.kind and self._waiting.strip():
            self.kind = "json" if self._waiting.lstrip().startswith("{") else "text"
            self.whole = self.kind == "text"
        if self.kind == "json" and (match := self._key()) is not None:
            self.kind, self._waiting = "patch", self._waiting[match.end() :]
        if self.kind == "text":
            piece, self._waiting = self._waiting, ""
            return piece
        return self._unescaped() if self.kind == "patch" and not self.whole else ""

    def _key(self) -> re.Match[str] | None:
        return re.search(rf'"(?:{"|".join(self.keys)})"\s*:\s*"', self._waiting)

    def _unescaped(self) -> str:
        match = _ESCAPED.match(self._waiting)
        end = match.end() if match is not None else 0
        piece = json.loads(f'"{self._waiting[:end]}"', strict=False)
        self._waiting = self._waiting[end:]
        self.whole = self._waiting.startswith('"')
        return self._halves.joined(piece)
