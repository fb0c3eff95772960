"""Reads patches in pieces and says which hunks are complete: JSON lines on stdin and stdout.

{"op": "open", "id", "files", "modes"} -> {"ready": 0}
{"op": "feed", "text"}                 -> {"ready": n, "hunks": [{"path", "old", "new"}]}
{"op": "close"}                        -> {"id", "ok", "files", "modes"} or {"ok", "error"}
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from codexspark_tui.patch.model import ChangeEnded, Create, Delete, Fact, Hunk, Unsupported
from codexspark_tui.patch.reader import PatchReader
from codexspark_tui.patch.whole import Applied, TreeLines, apply_facts, apply_patch


class Peer:
    """One case at a time."""

    def __init__(self) -> None:
        self._open({"id": "", "files": {}, "modes": {}})

    def answer(self, message: dict[str, object]) -> dict[str, object]:
        match message["op"]:
            case "open":
                return self._open(message)
            case "feed":
                return self._feed(str(message["text"]))
            case _:
                return self._close()

    def _open(self, message: dict[str, object]) -> dict[str, object]:
        files, modes = message["files"], message["modes"]
        assert isinstance(files, dict)
        assert isinstance(modes, dict)
        self._id, self._files, self._modes = message["id"], files, modes
        tree = TreeLines(files)
        self._reader = PatchReader(tree.exists, tree.has_line)
        self._facts: list[Fact] = []
        self._ready = 0
        self._text: list[str] = []
        return {"ready": 0}

    def _feed(self, text: str) -> dict[str, object]:
        self._text.append(text)
        facts = self._reader.feed(text)
        self._facts.extend(facts)
        hunks = shown(facts)
        self._ready += len(hunks)
        return {"ready": self._ready, "hunks": hunks}

    def _close(self) -> dict[str, object]:
        self._facts.extend(self._reader.close())
        if any(isinstance(fact, ChangeEnded | Unsupported) for fact in self._facts):
            open_ended = self._reader.open_ended
            outcome = apply_facts(self._facts, self._files, self._modes, open_ended=open_ended)
        else:  # no patch in it: perhaps whole files
            outcome = apply_patch("".join(self._text), self._files, self._modes)
        if isinstance(outcome, Applied):
            files, modes = dict(outcome.files), dict(outcome.modes)
            return {"id": self._id, "ok": True, "files": files, "modes": modes}
        return {"id": self._id, "ok": False, "error": f"{outcome.path}: {outcome.why}"}


def shown(facts: Sequence[Fact]) -> list[dict[str, object]]:
    """The changes with lines that are complete now."""
    hunks: list[dict[str, object]] = []
    for fact in facts:
        if isinstance(fact, ChangeEnded) and isinstance(fact.change, Hunk | Create | Delete):
            lines = fact.change.lines
            old = [line.text for line in lines if line.sign != "+"]
            new = [line.text for line in lines if line.sign != "-"]
            hunks.append({"path": fact.change.path, "old": old, "new": new})
    return hunks


def main() -> None:
    peer = Peer()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(peer.answer(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
