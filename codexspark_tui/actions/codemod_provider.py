"""The codemods as a provider: a sentence or a ready request in, a patch as streamed text out.

What the libraries propose is printed as a patch and read again by the same reader that reads a
model, so that there is one path. Line numbers in it are exact (`Capabilities.exact_numbers`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from codexspark_tui.actions.codemod_index import looked_up
from codexspark_tui.actions.codemod_patch import (
    extra_hunks,
    is_empty,
    patch_of,
    with_extras,
)
from codexspark_tui.actions.paths import as_meant
from codexspark_tui.codemods import model as codemods
from codexspark_tui.codemods.client import propose_in_worker
from codexspark_tui.codemods.sentences import understand
from codexspark_tui.counts import count
from codexspark_tui.errors import (
    LimitReached,
    NotUnderstood,
    ProviderError,
    SparkError,
    UsageError,
)
from codexspark_tui.patch import render
from codexspark_tui.providers.model import (
    Capabilities,
    Ended,
    ModelEvent,
    Opened,
    Question,
    Request,
    Said,
    SectionStarted,
    TextDelta,
    Unconnected,
)

WHICH = "which"
_FAULTS: dict[str, type[SparkError]] = {
    "request": UsageError,
    "worker": ProviderError,
    "time": LimitReached,
}
SHOWN_TESTS = 12
SHOWN_MENTIONS = 20
LIST = "`spark codemods` lists all that works without a model."


@dataclass(slots=True)
class CodemodProvider(Unconnected):
    """`folder`: where the person is (paths in sentences are seen from there).

    `ready`: a request that was given in explicit form; else the prompt is understood.
    `mentions`: take what is otherwise only offered (strings, comments, docs). `hint`: says how to
    connect a model. `use_index`: ask the index which files to look at.
    """

    folder: Path
    ready: codemods.Request | None = None
    timeout_s: float = 120.0
    mentions: bool = False
    hint: Callable[[], str] | None = None
    use_index: bool = False
    name: str = "codemods"
    capabilities: Capabilities = field(default_factory=lambda: Capabilities(exact_numbers=True))

    async def stream(self, request: Request) -> AsyncGenerator[ModelEvent, None]:
        root = Path(request.root)
        wanted = self.ready
        if wanted is None:
            understood = _understood(request, self.hint)
            wanted = understood.request
            yield Said(f"understood as: {understood.command}")
        wanted = _seen_from(root, self.folder, wanted)
        project = await asyncio.to_thread(looked_up, root, wanted, use_index=self.use_index)
        answer = await propose_in_worker(wanted, project, timeout_s=self.timeout_s)
        if isinstance(answer, codemods.AmbiguousName):
            chosen = dict(request.answers).get(WHICH)
            if chosen is None:
                yield _question(answer)
                yield Ended("question")
                return
            wanted = _settled(wanted, answer.candidates[chosen])
            answer = await propose_in_worker(wanted, project, timeout_s=self.timeout_s)
        if isinstance(answer, codemods.AmbiguousName):
            raise UsageError(f"{answer.name} still means several things at that place")
        if isinstance(answer, codemods.CannotDo):
            raise _FAULTS[answer.fault](answer.why, next_step=answer.next_step)
        named = _tests(root, wanted)
        for event in _said(_with_mentions(answer) if self.mentions else answer):
            if isinstance(event, Ended) and named:
                yield Said(named)
            yield event


def _understood(request: Request, hint: Callable[[], str] | None) -> codemods.Understood:
    found = understand(request.prompt, request.files)
    if isinstance(found, codemods.Understood):
        return found
    nearest = [f"  {s.example}\n      {s.command}" for s in found.nearest]
    raise NotUnderstood(
        "no codemod understands this sentence, and no model is connected",
        detail="\n".join(["The nearest things that can be done:", *nearest]) if nearest else "",
        next_step=f"{LIST} {hint()}" if hint else LIST,
    )


def _tests(root: Path, wanted: codemods.Request) -> str:
    """The tests that mention the name that is renamed, moved or inlined; "" for none."""
    match wanted:
        case (
            codemods.RenameSymbol(old=name)
            | codemods.MoveName(name=name)
            | codemods.Inline(name=name)
        ):
            plain = name.rpartition(".")[2]
        case _:
            return ""
    from codexspark_tui.actions.test_files import tests_that_mention

    found = tests_that_mention(root, plain)
    more = f" … and {len(found) - SHOWN_TESTS} more" if len(found) > SHOWN_TESTS else ""
    return f"tests that mention {plain}: {', '.join(found[:SHOWN_TESTS])}{more}" if found else ""


def _question(answer: codemods.AmbiguousName) -> Question:
    options = tuple(
        f"{c.kind} {c.name}  {c.place.path}:{c.place.line}  {c.line_text.strip()}"
        for c in answer.candidates
    )
    return Question(WHICH, f"{answer.name} means several things; which one?", options)


def _settled(wanted: codemods.Request, chosen: codemods.Candidate) -> codemods.Request:
    """The same request for one of the candidates."""
    match wanted:
        case codemods.RenameSymbol() | codemods.MoveName() | codemods.Inline():
            return replace(wanted, at=chosen.place)
        case codemods.RenameModule() | codemods.MoveModule():
            return replace(wanted, module=chosen.place.path)
        case _:
            return wanted


def _seen_from(root: Path, folder: Path, wanted: codemods.Request) -> codemods.Request:
    """The request with its paths relative to the root."""
    changes: dict[str, Any] = {}
    match wanted:
        case codemods.Extract() | codemods.Docstrings() | codemods.TestSkeletons():
            changes["path"] = as_meant(root, folder, wanted.path)
        case codemods.RenameModule() | codemods.MoveModule():
            if "/" in wanted.module or wanted.module.endswith(".py"):
                changes["module"] = as_meant(root, folder, wanted.module)
        case _:
            changes["files"] = tuple(as_meant(root, folder, f) for f in wanted.files)
    match wanted:
        case codemods.RenameSymbol() | codemods.MoveName() | codemods.Inline():
            if wanted.at is not None:
                place = replace(wanted.at, path=as_meant(root, folder, wanted.at.path))
                changes["at"] = place
        case _:
            pass
    return replace(wanted, **changes)


def _with_mentions(edits: codemods.Edits) -> codemods.Edits:
    files = with_extras(edits.files, [extra.edit for extra in edits.extras])
    return replace(edits, files=tuple(files), extras=(), mentions=())


def _said(edits: codemods.Edits) -> Iterator[ModelEvent]:
    """The answer: who did it, what was left out, the patch, and what is only offered."""
    yield Opened("worker process", edits.library)
    for path, why in edits.skipped:
        yield Said(f"left out {path}: {why}", warning=True)
    for notice in edits.notices:
        yield Said(notice)
    if not is_empty(edits.files):
        yield Said(edits.summary)
        yield TextDelta(patch_of(edits.files))
    yield from _offered(edits)
    taken = {(extra.edit.path, extra.where) for extra in edits.extras if extra.on}
    left = [m for m in edits.mentions if (m.place.path, m.where) not in taken]
    if left:
        yield Said(_mentioned(left))
    yield Ended("stop")


def _offered(edits: codemods.Edits) -> Iterator[ModelEvent]:
    main = {edit.path: edit for edit in edits.files}
    main |= {edit.move_to: edit for edit in edits.files if edit.move_to}
    for extra in sorted(edits.extras, key=lambda e: not e.on):
        hunks, lost = extra_hunks(main.get(extra.edit.path), extra.edit)
        if hunks:
            if extra.on:
                yield Said(f"{extra.why}: changed as well, as a change of its own")
            yield SectionStarted(extra.why, optional=not extra.on)
            yield TextDelta(render(hunks))
        if lost:
            yield Said(
                f"{extra.edit.path}: {count(lost, 'further line')} can follow the main change"
            )


def _mentioned(mentions: Sequence[codemods.Mention]) -> str:
    shown = [
        f"  {m.place.path}:{m.place.line}: {m.where}: {m.line_text.strip()}"
        for m in mentions[:SHOWN_MENTIONS]
    ]
    if len(mentions) > SHOWN_MENTIONS:
        shown.append(f"  … and {len(mentions) - SHOWN_MENTIONS} more")
    return "\n".join([f"also named in {count(len(mentions), 'place')}:", *shown])
