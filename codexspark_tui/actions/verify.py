"""`spark verify`: checks and a review of what was changed, in a copy of the tree.

    verify(workspace, request, face) → Verified

True here: the person's tree is read and never written; commands run in a throwaway fork. The checks
come first, as the model that reviews is told what they found. Its patch is kept as a session of
this repository whose changes are undecided: reviewed in the app, or as a patch, like any other.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from codexspark_tui.actions.edit import EditRequest, run_edit
from codexspark_tui.actions.fix_prompt import Places
from codexspark_tui.actions.oneshot import Face, Outcome, Plan
from codexspark_tui.actions.patch_provider import PatchProvider
from codexspark_tui.actions.verify_findings import (
    Found,
    of_model,
    of_report,
    says_nothing_is_wrong,
    told_to_model,
)
from codexspark_tui.actions.verify_subject import Subject
from codexspark_tui.errors import SparkError
from codexspark_tui.events import facts, runs
from codexspark_tui.events.facts import Event
from codexspark_tui.reports import read
from codexspark_tui.sandbox import Finished, Output, RunEvent
from codexspark_tui.session.instructions import task
from codexspark_tui.session.models import Setup
from codexspark_tui.workspace import Workspace
from codexspark_tui.workspace.fork import Fork

RunCheck = Callable[[str, Fork], AsyncGenerator[RunEvent, None]]


@dataclass(frozen=True, slots=True)
class VerifyRequest:
    """`commands` for a shell; `run` runs one of them in a fork, `confined` by what; `held` says
    what it cannot do there. `heavy` is the model that reviews, "" for none; `setup` that of its
    session. `keeps`: its patch is kept."""

    subject: Subject
    commands: tuple[str, ...]
    run: RunCheck
    confined: str = "none"
    held: str = ""
    heavy: str = ""
    setup: Setup = field(default_factory=Setup)
    keeps: bool = True


@dataclass(frozen=True, slots=True)
class Check:
    """A command and how it ended; `why` where it did not end by itself."""

    command: str
    passed: bool
    exit_code: int
    seconds: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Verified:
    """`said`: the review in prose; `reviewed`: a model gave its verdict. `patch`: what it would
    change, kept as the session `session`. `error`: why there is no review. `held`: how the checks
    were confined, "" where they were not."""

    subject: Subject
    checks: tuple[Check, ...] = ()
    findings: tuple[Found, ...] = ()
    said: str = ""
    author: str = ""
    reviewed: bool = False
    patch: str = ""
    changes: int = 0
    session: str = ""
    error: SparkError | None = None
    held: str = ""

    @property
    def is_clean(self) -> bool:
        ok = all(check.passed for check in self.checks) and not self.findings and not self.patch
        return ok and (self.reviewed or not self.author)

    @property
    def exit_code(self) -> int:
        """0 clean; 1 findings, failed checks, or no verdict; else that of the error."""
        if self.error is not None:
            return self.error.exit_code
        return 0 if self.is_clean else 1


@dataclass(slots=True)
class _Listener:
    """A face that keeps what is said, and by whom."""

    face: Face
    said: list[str] = field(default_factory=list)
    author: str = ""
    session: str = ""

    def show(self, event: Event) -> None:
        match event:
            case facts.ProseDelta():
                self.said.append(event.text)
            case facts.Connected():
                self.author = event.model
            case facts.SessionStarted():
                self.session = event.session
            case _:
                pass
        self.face.show(event)

    async def ask(self, asked: facts.Asked) -> int | None:
        return await self.face.ask(asked)


async def verify(workspace: Workspace, request: VerifyRequest, face: Face) -> Verified:
    """Run the checks, then the review. Raises `NotPlaced` or `WriteFailed` where there can be no
    copy of the tree; what goes wrong with the model is part of the result."""
    made = Verified(request.subject, held=request.held)
    with workspace.fork(request.subject.checkpoint) as fork:
        places = Places(fork.root, fork.root)
        for number, command in enumerate(request.commands, 1):
            check, found = await _checked(request, fork, f"v{number}", face, command, places)
            made = replace(made, checks=(*made.checks, check), findings=(*made.findings, *found))
        if request.heavy and request.subject.patch:
            made = await _reviewed(request, fork, made, face, places)
    keeps = made.patch and request.keeps
    return await _kept(workspace, request, made, face) if keeps else made


async def _checked(
    request: VerifyRequest, fork: Fork, name: str, face: Face, command: str, places: Places
) -> tuple[Check, list[Found]]:
    face.show(runs.RunStarted(name, ("sh", "-c", command), request.confined))
    ended = Finished(1, "cancelled", 0.0, "")
    async with aclosing(request.run(command, fork)) as events:
        async for event in events:
            if isinstance(event, Output):
                face.show(runs.RunOutput(name, event.text))
            else:
                ended = event
    seconds = round(ended.seconds, 3)
    face.show(runs.RunFinished(name, ended.exit_code, ended.ended, seconds, why=ended.why))
    passed = ended.is_green
    check = Check(command, passed, ended.exit_code, seconds, ended.why)
    if passed:
        return check, []
    found = of_report(read(ended.view.encode()), command, places)
    why = ended.why or f"it ended with code {ended.exit_code} and printed nothing"
    return check, found or [Found(command, "", 0, 0, "error", "", why)]


async def _reviewed(
    request: VerifyRequest, fork: Fork, made: Verified, face: Face, places: Places
) -> Verified:
    listener = _Listener(face)
    setup = replace(request.setup, mode="read-only", keeper=None)
    files = tuple(path for path in request.subject.files if (fork.root / path).is_file())
    asked = EditRequest(_prompt(made), files, _attached(made), setup=setup, unkept=True)
    made = replace(made, author=request.heavy)
    copy = Workspace.of_folder(fork.root)
    try:
        provider = await asyncio.to_thread(setup.models.open, request.heavy)
        plan = Plan("check", partial=True)
        outcome = await run_edit(copy, provider, asked, plan, listener)
    except SparkError as error:
        return replace(made, error=error)
    finally:
        copy.close()
    said, author = "".join(listener.said).strip(), listener.author or request.heavy
    found = of_model(said, author, places)
    verdict = bool(found) or bool(outcome.resolved) or says_nothing_is_wrong(said)
    return replace(
        made,
        findings=(*made.findings, *found),
        said=said,
        author=author,
        reviewed=verdict,
        patch=outcome.patch,
        changes=len(outcome.resolved),
        error=_error_of(outcome),
    )


def _error_of(outcome: Outcome) -> SparkError | None:
    """What kept the model from answering; a change that has no place is no such thing."""
    error = outcome.error
    return error if error is not None and error.exit_code != 5 else None


def _prompt(made: Verified) -> str:
    return f"Review {made.subject.title}.\n\n{task('verify')}"


def _attached(made: Verified) -> str:
    subject = made.subject
    ran = [f"- {c.command}: {'passed' if c.passed else 'failed'}" for c in made.checks]
    parts = [
        f"It was made for this prompt:\n{subject.prompt}" if subject.prompt else "",
        f"The change:\n{subject.patch}",
        "The checks:\n" + "\n".join(ran) if ran else "",
        "What the checks found:\n" + told_to_model(made.findings) if made.findings else "",
    ]
    return "\n\n".join(part for part in parts if part)


async def _kept(
    workspace: Workspace, request: VerifyRequest, made: Verified, face: Face
) -> Verified:
    """Put the patch into a session of the person's own tree, undecided."""
    text = f"{made.said}\n\n{made.patch}" if made.said else made.patch
    provider = PatchProvider(text, name=request.heavy, model=made.author)
    asked = EditRequest(f"verify {made.subject.title}", setup=Setup(rules=request.setup.rules))
    listener = _Listener(face)
    await run_edit(workspace, provider, asked, Plan("check", partial=True), listener)
    return replace(made, session=listener.session)
