"""How much of a model's window goes to what. Pure; all figures are estimated tokens."""

from __future__ import annotations

from codexspark_tui.session.conversation import Conversation
from codexspark_tui.session.tokens import Estimator

UNKNOWN_WINDOW = 32_000
MOST_CONTEXT = 40_000
MOST_ANSWER = 32_000
LEAST_CONTEXT = 2_000
FULL = 0.7  # of the window: from here on a conversation is summed up


def budget_for(window: int | None, conversation: Conversation, estimator: Estimator) -> int:
    """Tokens that the context of the next prompt may have, with room left for the answer."""
    whole = window or UNKNOWN_WINDOW
    answer = min(MOST_ANSWER, whole // 4)
    left = whole - answer - estimator.tokens(conversation.text())
    return max(min(LEAST_CONTEXT, whole // 4), min(MOST_CONTEXT, int(left * 0.8)))


def is_full(window: int | None, conversation: Conversation, estimator: Estimator) -> bool:
    """Whether the conversation leaves too little of a window that is known."""
    return window is not None and estimator.tokens(conversation.text()) > window * FULL


def cut_middle(text: str, budget: int, estimator: Estimator) -> str:
    """`text` within three quarters of the budget: its beginning and its end, with a mark."""
    tokens = estimator.tokens(text)
    most = budget * 3 // 4
    if tokens <= most:
        return text
    half = int(len(text) * most / tokens) // 2
    left_out = f"[… {len(text) - 2 * half:,} characters were left out here …]"
    return f"{text[:half]}\n{left_out}\n{text[len(text) - half :]}"
