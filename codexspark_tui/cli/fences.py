"""Code fences in prose that comes piece by piece: one that holds nothing is left out.

A patch in an answer is no prose, so the fence around it would stay behind, empty. What can be no
fence is given back at once.
"""

from __future__ import annotations

import re

_PIECE = re.compile(r"[^\n]*\n|[^\n]+")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})([^`\n]*)$")
_MAY_BE_FENCE = re.compile(r"^ {0,3}(?:`{0,2}|~{0,2}|(?:`{3,}|~{3,})[^`]*)$")


class WithoutEmptyFences:
    def __init__(self) -> None:
        self._held = ""  # a fence that was opened, and empty lines in it
        self._line = ""  # a line that may become a fence
        self._is_begun = False  # whether a line is given back as it comes
        self._inside = ""

    def take(self, text: str) -> str:
        """What can be shown now."""
        return "".join(self._piece(found[0]) for found in _PIECE.finditer(text))

    def end(self) -> str:
        """What was held back and is no empty fence."""
        return self._ended() + self._let_go()

    def _piece(self, piece: str) -> str:
        ended = piece.endswith("\n")
        if self._is_begun:
            self._is_begun = not ended
            return piece
        self._line += piece
        if ended:
            return self._ended()
        if _MAY_BE_FENCE.match(self._line):
            return ""
        self._is_begun = True
        return self._let_go()

    def _let_go(self) -> str:
        told = self._held + self._line
        self._held = self._line = ""
        return told

    def _ended(self) -> str:
        """What comes of a whole line."""
        line = self._line
        fence = _FENCE.match(line.rstrip("\n"))
        if fence and self._inside:
            if fence[1].startswith(self._inside) and not fence[2].strip():
                self._inside = ""
                if self._held:
                    self._held = self._line = ""
                    return ""
        elif fence:
            self._inside = fence[1]
            self._held, self._line = line, ""
            return ""
        elif self._held and not line.strip():
            self._held, self._line = self._held + line, ""
            return ""
        return self._let_go()
