"""What a provider tells beside its answer, as events. Pure."""

from __future__ import annotations

from codexspark_tui.errors import SparkError
from codexspark_tui.events import facts
from codexspark_tui.events.facts import Event
from codexspark_tui.providers.model import Ended, Limits, Said, Waiting


def told(event: Waiting | Limits | Said | Ended) -> list[Event]:
    match event:
        case Waiting():
            return [facts.Retrying(event.in_s, event.why, event.attempt, event.attempts)]
        case Limits():
            views = [
                facts.LimitView(x.name, x.limit, x.remaining, x.resets_in_s) for x in event.limits
            ]
            return [facts.RateLimits(tuple(views))]
        case Said():
            return [facts.Notice(event.text, "warning" if event.warning else "info")]
        case Ended():
            return []


def failed(error: SparkError) -> Event:
    """The error that ends a turn."""
    return facts.Failed(error.code, error.exit_code, error.title, error.detail, error.next_step)
