"""What a provider tells beside its answer, and the end of a turn, as events. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from codexspark_tui.errors import ModelGone, ProviderError, SparkError, UsageError
from codexspark_tui.events import commands, facts
from codexspark_tui.events.facts import Event
from codexspark_tui.events.paths import path_text
from codexspark_tui.providers.model import Ended, Limits, Question, Said, Waiting
from codexspark_tui.session.review import Review
from codexspark_tui.session.turn import Turn

MODEL_QUESTION = "model"
CHOOSE_QUESTION = "choose-model"


def beside(event: Waiting | Limits | Said | Ended) -> list[Event]:
    """What is said beside an answer."""
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


def fault(what: str) -> Event:
    """A fault of our own that ends a turn."""
    return failed(ProviderError(what, next_step="Please report it with the transcript."))


def in_passing(error: SparkError) -> Event:
    """An error that ends nothing."""
    said = ". ".join(part for part in (error.title, error.next_step) if part)
    return facts.Notice(said, "warning")


def asked(question: Question) -> Event:
    return facts.Asked(question.id, question.text, question.options)


def in_place_of(gone: ModelGone, others: tuple[str, ...]) -> Question:
    return Question(MODEL_QUESTION, f"{gone.title}. Go on with another model?", others)


def which_model(names: tuple[str, ...]) -> Question:
    return Question(CHOOSE_QUESTION, "Which model is to answer from now on?", names)


def turn_ended(turn: Turn, left: int) -> facts.TurnEnded:
    """The end of a turn in which `left` changes are undecided."""
    reason: facts.EndReason = "open" if left else "done"
    if turn.failed or turn.cancelled:
        reason = "failed" if turn.failed else "cancelled"
    count, changes = turn.review.count, turn.review.changes.values()
    return facts.TurnEnded(
        turn.number,
        reason,
        accepted=count("written"),
        rejected=count("rejected"),
        refused=sum(c.state == "refused" and not c.again for c in changes),
        left_open=left,
        entry=turn.entry,
        undone=count("undone"),
    )


def rejection_text(command: commands.Decide, events: Sequence[Event], review: Review) -> str:
    """What a model is told of a rejection; "" where nothing was rejected by it."""
    chosen = {choice.change for choice in command.choices}
    gone = [e for e in events if isinstance(e, facts.ChangeDecided) and e.change in chosen]
    paths = dict.fromkeys(review.changes[event.change].path for event in gone)
    files = ", ".join(path_text(path) for path in paths)
    return f"Rejected in {files}: {command.reason}" if files else ""


def unanswered(asked: Question, gone: ModelGone | None) -> SparkError:
    """The error of a question that nobody answered; of a model's, the exact way to another."""
    if asked.id != MODEL_QUESTION or gone is None:
        return UsageError("the question was not answered")
    return ModelGone(gone.title, detail=gone.detail, next_step=f"Use --model {asked.options[0]}")
