"""Questions to a model beside the conversation, and what they are asked with.

The conversation does not learn of them. A question to the model that answers is put at the end of
what it has been told; the heavy model, which is another one, is told as much of that as any server
takes, with the lines of the file as they are now.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from codexspark_tui.errors import ProviderError, SparkError
from codexspark_tui.events.paths import path_text
from codexspark_tui.index.secret_files import without_keys
from codexspark_tui.patch import render_change
from codexspark_tui.patch.model import ResolvedHunk
from codexspark_tui.providers.model import (
    Counted,
    Ended,
    Item,
    Message,
    Opaque,
    Opened,
    Provider,
    Request,
    TextDelta,
    ToolCall,
    ToolOutput,
)
from codexspark_tui.session.inbox import Answered
from codexspark_tui.session.review import Change

if TYPE_CHECKING:
    from codexspark_tui.session.dialogue import Dialogue
    from codexspark_tui.session.turn import Turn

MOST_CHARACTERS = 200_000
AROUND = 60
CLOSE_WAIT_S = 2.0


@dataclass(frozen=True, slots=True)
class About:
    """The change that is asked about, as it was then. `heavy`: the heavy model is asked."""

    id: str
    digest: str
    heavy: bool = False


async def ask(provider: Provider, request: Request, about: About) -> Answered:
    """Ask beside the conversation. Errors of the provider are part of the answer."""
    said: list[str] = []
    counted: Counted | None = None
    made = Answered(about.id, about.digest, heavy=about.heavy, author=provider.name)
    try:
        async with aclosing(provider.stream(request)) as stream:
            async for event in stream:
                if isinstance(event, TextDelta):
                    said.append(event.text)
                elif isinstance(event, Opened):
                    made = replace(made, author=event.model or provider.name)
                elif isinstance(event, Counted):
                    counted = event
                elif isinstance(event, Ended):
                    if event.finish != "stop":
                        raise ProviderError("the answer broke off before its end")
                    break
                elif sum(map(len, said)) > MOST_CHARACTERS:
                    raise ProviderError("the answer does not come to an end")
    except SparkError as error:
        return replace(made, error=error, counted=counted)
    return replace(made, text="".join(said), counted=counted)


async def ask_heavy(dialogue: Dialogue, turn: Turn, change: Change, reason: str) -> Answered:
    """Open the heavy model for this one question, and ask."""
    models, about = dialogue.setup.models, About(change.id, change.digest, heavy=True)
    text = heavy_text(turn, change, reason)
    items = portable(dialogue.asking.held.items) if dialogue.converses else ()
    try:
        provider = await asyncio.to_thread(models.open, dialogue.setup.heavy)
    except SparkError as error:
        return Answered(about.id, about.digest, error=error, heavy=True)
    try:
        answered = await ask(provider, _heavy_request(dialogue, provider, (text, items)), about)
        return replace(answered, cost_usd=_cost(dialogue, provider.name, answered.counted))
    finally:
        with suppress(Exception):  # it has answered; how it leaves is of no matter
            await asyncio.wait_for(provider.aclose(), CLOSE_WAIT_S)


def _cost(dialogue: Dialogue, name: str, counted: Counted | None) -> float | None:
    prices = dialogue.setup.models.facts(name).prices
    if prices is None or counted is None or counted.input_tokens is None:
        return None
    return prices.of(counted.input_tokens, counted.output_tokens or 0, counted.cached_tokens or 0)


def _heavy_request(
    dialogue: Dialogue, provider: Provider, said: tuple[str, tuple[Item, ...]]
) -> Request:
    from codexspark_tui.session.instructions import instructions

    (text, items), setup = said, dialogue.setup
    told = [
        instructions(setup.models.facts(provider.name).edit_format),
        setup.system,
        dialogue.rounds.rules.spoken(),
    ]
    return Request(
        text,
        dialogue.made_request().root,
        instructions="\n\n".join(part for part in told if part),
        items=(*items, Message("user", text)),
        max_output_tokens=setup.limits.max_tokens or None,
    )


def portable(items: Sequence[Item]) -> tuple[Item, ...]:
    """What another server takes: nothing that only one understands, no call without a result."""
    answered = {item.id for item in items if isinstance(item, ToolOutput)}
    return tuple(
        item
        for item in items
        if not isinstance(item, Opaque)
        and not (isinstance(item, ToolCall) and item.id not in answered)
    )


def with_question(request: Request, text: str) -> Request:
    """The request that the conversation would make, with this question at its end."""
    return replace(request, prompt=text, items=(*request.items, Message("user", text)), tools=())


def heavy_text(turn: Turn, change: Change, reason: str) -> str:
    """What the heavy model is asked about a change."""
    assert isinstance(change.resolved, ResolvedHunk)
    path, shown = path_text(change.path), "\n".join(render_change(change.resolved))
    parts = [
        f"The person asked for this: {turn.prompt.strip()}",
        f"Another model has proposed this change of {path}, which is not written yet:",
        f"```diff\n{shown}\n```",
        f"The person is not content with it: {reason}" if reason else "",
        _lines_around(turn, change.path, change.resolved),
        "Do better: give this change as it should be, as one patch against the file as it is "
        "now, without the change above. Keep to its place; change another place only where that "
        "has to go with it. Say in one sentence what you did otherwise, and why.",
    ]
    return without_keys("\n\n".join(part for part in parts if part))


def _lines_around(turn: Turn, path: str, hunk: ResolvedHunk) -> str:
    draft = turn.desk.draft_of(path)
    if draft is None:
        return ""
    old = sum(line.sign != "+" for line in hunk.lines)
    first = max(1, hunk.old_start - AROUND)
    lines = draft.lines[first - 1 : hunk.old_start + old + AROUND]
    text = "\n".join(line.rstrip("\r\n") for line in lines)
    return f"{path_text(path)}, from line {first}:\n```\n{text}\n```"
