"""The codemods as a tool of a model: a sentence in, a patch for review out."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

from codexspark_tui.providers.model import Question, Request, Said, SectionStarted, TextDelta
from codexspark_tui.session.models import CodemodAnswer


@dataclass(frozen=True, slots=True)
class CodemodTool:
    """What would only be offered to a person is left out."""

    timeout_s: float

    async def __call__(self, sentence: str, root: str) -> CodemodAnswer:
        """Raises `SparkError` for what no codemod understands or can do."""
        from codexspark_tui.actions.codemod_provider import CodemodProvider

        provider = CodemodProvider(Path(root), timeout_s=self.timeout_s)
        said: list[str] = []
        patch: list[str] = []
        async with aclosing(provider.stream(Request(sentence, root))) as events:
            async for event in events:
                match event:
                    case SectionStarted():
                        break
                    case TextDelta(text=text):
                        patch.append(text)
                    case Said(text=text):
                        said.append(text)
                    case Question(text=text, options=options):
                        said += [text, *options, "Say it again so that only one is meant."]
                    case _:
                        pass
        if patch:
            said.append("The changes are shown to the person, who decides on each of them.")
        return CodemodAnswer("\n".join(said), "".join(patch))
