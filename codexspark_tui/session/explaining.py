"""`/explain`: why a change was made, asked beside the conversation; nothing is changed by it.

The conversation does not learn of it, as with other versions of a change. Where no model answers,
what is known is told: the prompt, and who gave the change.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from codexspark_tui.events import commands, facts
from codexspark_tui.events.facts import Event
from codexspark_tui.events.paths import path_text
from codexspark_tui.index.secret_files import secret_by_name, without_keys
from codexspark_tui.patch import render_change
from codexspark_tui.session.asides import About, ask, with_question
from codexspark_tui.session.inbox import ToolNews
from codexspark_tui.session.instructions import instructions, task
from codexspark_tui.session.review import Change
from codexspark_tui.session.turn import Turn

if TYPE_CHECKING:
    from codexspark_tui.session.dialogue import Dialogue


def explain(turn: Turn | None, command: commands.Explain, dialogue: Dialogue) -> list[Event]:
    """Ask the model about a change of this turn; the answer comes as a notice."""
    change = turn.review.changes.get(command.change) if turn is not None else None
    if turn is None or change is None:
        return [facts.Notice("only a change of the newest turn can be explained here", "warning")]
    provider = dialogue.streams.provider
    if why := secret_by_name(change.path):
        return [facts.Notice(f"{path_text(change.path)} is sent to no model: {why}", "warning")]
    if not provider.capabilities.converses:
        by = turn.model or provider.name
        said = f"{path_text(change.path)}: {by} made this change for the prompt: {turn.prompt}"
        return [facts.Notice("\n".join(part for part in (said, change.note) if part))]
    request = with_question(dialogue.made_request(), _question(change, turn.prompt))
    request = replace(request, instructions=instructions("ask"))

    async def asked() -> None:
        answered = await ask(provider, request, About(change.id, change.digest))
        events: list[Event] = [facts.Notice(answered.text.strip() or "the model said nothing")]
        if answered.error is not None:
            events = [facts.Notice(f"not explained: {answered.error.title}", "warning")]
        elif answered.counted is not None:
            events.append(dialogue.usage(answered.counted, len(answered.text)))
        dialogue.inbox.put(ToolNews(None, tuple(events)))

    dialogue.streams.beside(asked())
    return [facts.Notice(f"asked {provider.name} why {path_text(change.path)} is changed so")]


def _question(change: Change, prompt: str) -> str:
    shown = "\n".join(render_change(change.resolved)) if change.resolved is not None else ""
    parts = [
        f"Explain this one change of {path_text(change.path)}: what it does and why it was made. "
        "Give no patch and no other change.",
        f"```diff\n{shown}\n```" if shown else "",
        f"It was made for this prompt:\n{prompt}",
        task("explain"),
    ]
    return without_keys("\n\n".join(part for part in parts if part))
