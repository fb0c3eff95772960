"""Commands of the linear face that tell the session something, and wait for what it says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from codexspark_tui.events import commands, facts, runs

if TYPE_CHECKING:
    from codexspark_tui.cli.plain_talk import Talk

LONGEST_RUN_S = 3600.0
Word = Callable[[str], Awaitable[str]]


class SessionWords:
    """`talk` is set once the session runs."""

    talk: Talk

    def words(self) -> Mapping[str, Word]:
        """By the name of the action; each gives what is to be said."""
        return {
            "stop": self._stop,
            "tell": self._tell,
            "run": self._run,
            "only": self._only,
            "guards": self._guards,
            "context": self._context,
            "pin": self._pin,
            "drop": self._drop,
            "model": self._model,
        }

    async def _stop(self, _: str) -> str:
        if not self.talk.board.streaming:
            return "Nothing streams.\n"
        await self.talk.until(commands.Cancel(), facts.StreamFinished)
        return "Stopped; what is complete stays for review.\n"

    async def _tell(self, text: str) -> str:
        if not text:
            return "Say what to tell the model: /tell TEXT\n"
        self.talk.send(commands.Steer(text))
        return "Told.\n"

    async def _run(self, command: str) -> str:
        if not command:
            return "Say what to run: /run COMMAND\n"
        await self.talk.until(
            commands.Run(command), runs.RunFinished, facts.Notice, limit_s=LONGEST_RUN_S
        )
        return ""

    async def _noticed(self, command: commands.Command) -> str:
        await self.talk.until(command, facts.Notice)
        return ""

    async def _only(self, place: str) -> str:
        return await self._noticed(commands.SetGuard("only", place))

    async def _guards(self, said: str) -> str:
        return await self._noticed(commands.SetGuard(*said.partition(" ")[::2]))

    async def _pin(self, path: str) -> str:
        return await self._noticed(commands.Pin(path)) if path else "Say which: /pin PATH\n"

    async def _drop(self, path: str) -> str:
        return await self._noticed(commands.Drop(path)) if path else "Say which: /drop PATH\n"

    async def _context(self, text: str) -> str:
        """What would go along with these words, or with the latest prompt."""
        asked = text or next(reversed(self.talk.board.prompts.values()), "")
        draft = commands.Draft(asked, shown=True)
        found = await self.talk.until(draft, facts.ContextChosen, limit_s=3.0) if asked else None
        if not isinstance(found, facts.ContextChosen):
            return "Nothing goes along: who answers reads the files itself, or nothing was asked.\n"
        lines = [f"{piece.path}: {piece.reason}\n" for piece in found.pieces]
        return "".join(lines) or "".join(f"{path}\n" for path in found.files) or "Nothing.\n"

    async def _model(self, name: str) -> str:
        kinds = facts.ModelChosen, facts.Notice
        await self.talk.until(commands.SwitchModel(name), *kinds, limit_s=LONGEST_RUN_S)
        return ""
