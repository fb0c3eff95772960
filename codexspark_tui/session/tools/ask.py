"""Ask the person to choose."""

from __future__ import annotations

from codexspark_tui.providers.model import Tool
from codexspark_tui.session.tools.kit import Arguments, Hands, Tooled, ToolRefused, schema, text

MOST_OPTIONS = 9
LONGEST = 500


async def ask(arguments: Arguments, hands: Hands) -> str:
    question, options = text(arguments, "question"), arguments.get("options")
    fits = isinstance(options, list) and 2 <= len(options) <= MOST_OPTIONS
    if not fits or not isinstance(options, list):
        raise ToolRefused(f"options must be a list of 2 to {MOST_OPTIONS} texts")
    named = tuple(" ".join(str(option).split())[:LONGEST] for option in options)
    asked = " ".join(question.split())[:LONGEST]
    return f"The person chose: {named[await hands.ask(f'The model asks: {asked}', named)]}"


ASK = Tooled(
    Tool(
        "ask",
        "Ask the person to choose, only where the task cannot be done without it.",
        schema(
            ("question", "options"), question="string: one sentence", options="array: the choices"
        ),
    ),
    "ask",
    ask,
)
