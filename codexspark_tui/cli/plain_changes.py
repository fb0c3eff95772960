"""Commands of the linear face that act on the change that is asked about."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from codexspark_tui.actions.editor import open_at
from codexspark_tui.actions.tally import Seen
from codexspark_tui.cli.hunks import HunkPicker
from codexspark_tui.cli.terminal import Terminal
from codexspark_tui.counts import count
from codexspark_tui.events import commands
from codexspark_tui.events.paths import real_path
from codexspark_tui.events.resolved import to_resolved
from codexspark_tui.patch import TextFile, decode, render, split_lines
from codexspark_tui.tui.model.board import Board
from codexspark_tui.workspace import Workspace

STEP = 10
ALL = 1 << 30
ChangeWord = Callable[[HunkPicker, Seen, str], Awaitable[bool]]
"""Gives True when another change is to be shown."""


class ChangeWords:
    """`words`: what there is, by the name of the action."""

    def __init__(self, terminal: Terminal, workspace: Workspace) -> None:
        self._terminal = terminal
        self._workspace = workspace
        self._sought = ""
        self._grown: dict[str, int] = {}
        self.words: Mapping[str, ChangeWord] = {
            "reason": self._reason,
            "accept_all": self._all(True),
            "reject_all": self._all(False),
            "select": self._select,
            "undo": self._turn_back(commands.Undo),
            "redo": self._turn_back(commands.Redo),
            "first": self._go(0),
            "last": self._go(-1),
            "live": self._go(-1),
            "next_file": self._file(1),
            "previous_file": self._file(-1),
            "search_again": self._again(1),
            "search_back": self._again(-1),
            "reroll": self._reroll,
            "escalate": self._escalate,
            "explain": self._explain,
            "variant_next": self._version(1),
            "variant_previous": self._version(-1),
            "more_context": self._around(STEP),
            "less_context": self._around(-STEP),
            "whole_file": self._around(ALL),
            "side_by_side": self._sides,
            "spaces": self._spaces,
            "copy": self._copy,
            "open_file": self._open_file,
        }

    def _say(self, text: str) -> bool:
        self._terminal.write_safely(f"{text}\n" if text else "")
        return False

    # -- deciding

    async def _reason(self, picker: HunkPicker, seen: Seen, why: str) -> bool:
        why = why or await self._terminal.ask("Why is it rejected? ") or ""
        if not await picker.carry_out([seen], take=False, reason=why):
            return False
        picker.decided(seen)
        return True

    def _all(self, take: bool) -> ChangeWord:
        async def act(picker: HunkPicker, seen: Seen, _: str) -> bool:
            may = [s for s in picker.tally.in_state("placed") if not (take and s.findings)]
            what = "Accept" if take else "Reject"
            said = await self._terminal.ask(f"{what} {count(len(may), 'change')}? [y/N] ")
            if not may or (said or "").lower() not in ("y", "yes"):
                return False
            done = await picker.carry_out(may, take=take)
            if done:
                picker.decided(seen)
            return done

        return act

    def _turn_back(self, kind: type[commands.Undo | commands.Redo]) -> ChangeWord:
        async def act(picker: HunkPicker, seen: Seen, what: str) -> bool:
            if not what and seen.state == "rejected":
                return await picker.replace(seen, commands.Reopen(seen.id))
            if not (what or seen.entry):
                return self._say("This change was not written; /undo 7.2 names another one.")
            if what:
                picker.send(kind(what))
                return self._say("Asked for; it is told when it is done.")
            return await picker.replace(seen, kind(seen.entry))

        return act

    async def _select(self, picker: HunkPicker, seen: Seen, lines: str) -> bool:
        """Make a change of its own of some lines, which are counted from 1 as they are shown."""
        lines = lines or await self._terminal.ask("Which lines of it? [3-5] ") or ""
        first, _, last = lines.partition("-")
        if not (first.isdecimal() and (last or first).isdecimal()):
            return self._say("Say which lines, counted from 1: /select 3-5")
        told = seen.told_lines(int(first) - 1, int(last or first) - 1)
        part = commands.Split(seen.choice, *told)
        before = list(picker.tally.changes)
        if not await picker.replace(seen, part):
            return False
        new = [id for id in picker.tally.changes if id not in before]
        return picker.go_to(new[min(1, len(new) - 1)] if int(first) > 1 else new[0])

    # -- going

    def _go(self, at: int) -> ChangeWord:
        async def act(picker: HunkPicker, seen: Seen, _: str) -> bool:
            return picker.go_to(_complete(picker)[at].id)

        return act

    def _file(self, step: int) -> ChangeWord:
        async def act(picker: HunkPicker, seen: Seen, _: str) -> bool:
            every = _complete(picker)
            paths = list(dict.fromkeys(s.path for s in every))
            at = paths.index(seen.path) + step
            if not 0 <= at < len(paths):
                return self._say("There is no other file there.")
            return picker.go_to(next(s.id for s in every if s.path == paths[at]))

        return act

    def _again(self, step: int) -> ChangeWord:
        async def act(picker: HunkPicker, seen: Seen, text: str) -> bool:
            self._sought = text or self._sought or await self._terminal.ask("Search for? ") or ""
            every = _complete(picker)
            at = next(n for n, s in enumerate(every) if s.id == seen.id)
            order = every[at + 1 :] + every[:at] if step > 0 else every[:at][::-1] + every[:at:-1]
            found = next((s for s in order if self._sought in _text(s)), None)
            return picker.go_to(found.id) if found else self._say("No other change has that.")

        return act

    # -- other versions

    async def _reroll(self, picker: HunkPicker, seen: Seen, wish: str) -> bool:
        self._say("Asking for other versions.")
        return await picker.replace(seen, commands.Reroll(seen.choice, wish), most_told=1)

    async def _escalate(self, picker: HunkPicker, seen: Seen, why: str) -> bool:
        why = why or await self._terminal.ask("Why is the heavy model asked? ") or ""
        picker.send(commands.Escalate(seen.choice, why))
        return self._say("Asked; /variant-next shows its version when it has come.")

    async def _explain(self, picker: HunkPicker, seen: Seen, _: str) -> bool:
        picker.send(commands.Explain(seen.id))
        return self._say("Asked; the answer is told behind your next one, or after Enter.")

    def _version(self, step: int) -> ChangeWord:
        async def act(picker: HunkPicker, seen: Seen, _: str) -> bool:
            return await picker.replace(seen, commands.PickVersion(seen.choice, step))

        return act

    # -- looking

    def _around(self, step: int) -> ChangeWord:
        async def act(picker: HunkPicker, seen: Seen, _: str) -> bool:
            grown = max(0, self._grown.get(seen.id, 0) + step)
            self._grown[seen.id] = 0 if step == ALL else grown
            line, view = seen.line_now, seen.view_now
            if not line or view is None:
                return self._say("Only a change that is placed has lines around it.")
            lines = await asyncio.to_thread(self._lines_of, seen.path)
            own = sum(one.sign != "+" for one in view.lines)
            first = max(0, view.start - 1 - grown)
            shown = enumerate(lines[first : view.start - 1 + own + grown], first + 1)
            return self._say("The file now:\n" + "\n".join(f"{n} {line}" for n, line in shown))

        return act

    def _lines_of(self, path: str) -> list[str]:
        state = self._workspace.read(real_path(path))
        text = decode(state.data) if state.kind == "file" else None
        lines = split_lines(text.text) if isinstance(text, TextFile) else []
        return [line.rstrip("\r\n") for line in lines]

    async def _sides(self, picker: HunkPicker, seen: Seen, _: str) -> bool:
        """First all of the old, then all of the new."""
        view = seen.view_now
        if view is None:
            return self._say("It is not placed.")
        old = [line.text for line in view.lines if line.sign != "+"]
        new = [line.text for line in view.lines if line.sign != "-"]
        return self._say("\n".join(["Before:", *old, "After:", *new]))

    async def _spaces(self, picker: HunkPicker, seen: Seen, _: str) -> bool:
        """Only what differs in more than white space."""
        shown = view.lines if (view := seen.view_now) is not None else ()
        gone = ["".join(line.text.split()) for line in shown if line.sign == "-"]
        come = ["".join(line.text.split()) for line in shown if line.sign == "+"]
        both = set(gone) & set(come)
        told = [line.sign + line.text for line in shown if "".join(line.text.split()) not in both]
        return self._say("\n".join(told) or "It differs in white space only.")

    async def _copy(self, picker: HunkPicker, seen: Seen, _: str) -> bool:
        """A patch to be copied."""
        return self._say(render([now]) if (now := seen.resolved_now) else "It is not placed.")

    async def _open_file(self, picker: HunkPicker, seen: Seen, _: str) -> bool:
        line = seen.line_now or 1
        with self._terminal.lent():
            done = await open_at(self._workspace.root / real_path(seen.path), line)
        return self._say("" if done else "The editor did not end well.")

    def patch_of(self, board: Board) -> str:
        """All changes of the turn that are not rejected."""
        items = [i for i in board.of_turn(board.turn) if i.state not in ("rejected", "undone")]
        return render([to_resolved(i.view) for i in items if i.view is not None])


def _complete(picker: HunkPicker) -> list[Seen]:
    return [s for s in picker.tally.changes.values() if s.state != "writing"]


def _text(seen: Seen) -> str:
    lines = view.lines if (view := seen.view_now) is not None else ()
    return "\n".join([seen.path, *(line.text for line in lines)])
