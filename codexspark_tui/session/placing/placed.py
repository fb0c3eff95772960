"""Where one proposed change belongs in the open files. Reading only; nothing is decided here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from codexspark_tui.patch import TextFile, decode
from codexspark_tui.patch.model import (
    Ambiguous,
    Create,
    Delete,
    Hunk,
    Missing,
    ModeChange,
    Placement,
    Proposed,
    Rename,
    Resolved,
    ResolvedHunk,
)
from codexspark_tui.session.placing import whole
from codexspark_tui.session.placing.drafts import Draft, digest_of, places_digest
from codexspark_tui.session.placing.files import Promise
from codexspark_tui.session.placing.texts import Texts
from codexspark_tui.workspace import FileState
from codexspark_tui.workspace.tree import LINK_MODE


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a change belongs; `needs` are the ids of changes that it cannot do without."""

    placement: Placement
    resolved: Resolved | None = None
    digest: str = ""
    needs: tuple[str, ...] = ()


def missing(why: str) -> Outcome:
    return Outcome(Missing(why))


def placed(texts: Texts, id: str, proposed: Proposed) -> Outcome:
    """Where the change `id` belongs. Raises `PathRefused`."""
    match proposed:
        case Hunk():
            return _hunk(texts, proposed)
        case Create():
            return _create(texts, id, proposed)
        case Rename():
            return _rename(texts, id, proposed)
        case Delete():
            return _delete(texts, id, proposed)
        case ModeChange():
            state = texts.files.state(proposed.path)
            return _whole(texts, id, whole.resolve_mode(proposed, state), state)
        case _:
            assert_never(proposed)


def _hunk(texts: Texts, hunk: Hunk) -> Outcome:
    """What shows where a link leads is for the link, else it is for the file behind it."""
    link = texts.link_draft(hunk) if whole.may_be_of_link(hunk) else None
    draft = link or texts.draft(hunk.path)
    first = Outcome(draft) if isinstance(draft, Missing) else in_draft(draft, *draft.place(hunk))
    if link is not None or not isinstance(first.placement, Missing):
        return first
    link = texts.link_draft(hunk)  # git's sign that no line has an end may be missing
    return first if link is None else in_draft(link, *link.place(hunk))


def in_draft(draft: Draft, placement: Placement, resolved: ResolvedHunk | None) -> Outcome:
    digest = ""
    if resolved is not None:
        digest = digest_of(resolved, draft.base_digest)
    elif isinstance(placement, Ambiguous):
        digest = places_digest(placement, draft.base_digest)
    return Outcome(placement, resolved, digest, draft.needs)


def _whole(texts: Texts, by: str, made: Resolved | Missing, state: FileState) -> Outcome:
    if isinstance(made, Missing):
        return Outcome(made)
    promise = texts.files.promise(made.path, by)
    needs = (promise.change,) if promise else ()
    return Outcome(whole.WHOLE_FILE, made, digest_of(made, state.digest), needs)


def _create(texts: Texts, id: str, create: Create) -> Outcome:
    files, path = texts.files, create.path
    if path in files.promised and files.promised[path].change != id:
        return missing(f"{path} is made by another change already")
    left = files.leaves(path, id)
    made = whole.resolve_creation(create, files.read(path), left)
    if isinstance(made, Missing):
        return Outcome(made)
    if made.mode == LINK_MODE:
        files.stands_for_itself(path)
    text = "".join(line.text + line.end for line in made.lines)
    texts.bring(path, Promise(id, over=left), TextFile(text), "")
    return Outcome(whole.WHOLE_FILE, made, digest_of(made, ""), (left,) if left else ())


def _delete(texts: Texts, id: str, delete: Delete) -> Outcome:
    """The deletion of a file, or of the link that is at its path."""
    files, path = texts.files, delete.path
    made: Resolved | Missing
    if files.is_link(path, id):
        state = files.link(path, id)
        made = whole.resolve_link_deletion(delete, state)
        if not isinstance(made, Missing):
            files.stands_for_itself(path, state)
    else:
        state = files.state(path, id)
        made = whole.resolve_deletion(delete, state)
    if not isinstance(made, Missing):
        files.left[path] = id
    return _whole(texts, id, made, state)


def _rename(texts: Texts, id: str, rename: Rename) -> Outcome:
    """A link is renamed itself."""
    files, path = texts.files, rename.path
    promise = files.promised.get(rename.to)
    if promise is not None and promise.change != id:
        return missing(f"{rename.to} is made by another change already")
    before = files.promise(path, id)
    by = id
    if before is not None and before.over:
        if not rename.copy:
            return missing(f"{path} is replaced by {before.change}, and either could be meant")
        by = before.over  # a copy is of the file as it was
    of_link = files.is_link(path, by)
    source = files.link(path, by) if of_link else files.state(path, by)
    target = files.read(rename.to)
    taken = "missing" not in (source.kind, target.kind)
    left = files.makes_way(rename, id) if taken else ""
    made = whole.resolve_renaming(rename, source, target, left)
    outcome = _whole(texts, by, made, source)
    if isinstance(made, Missing):
        return outcome
    if of_link:
        files.stands_for_itself(path, source)
        files.stands_for_itself(rename.to)
    if not rename.copy:
        files.left[path] = id
    text = decode(source.data)
    known = text if isinstance(text, TextFile) else None
    coming = Promise(id, files.origin(path, by), left, rename.copy)
    texts.bring(rename.to, coming, known, source.digest)
    return replace(outcome, needs=(*outcome.needs, left)) if left else outcome
