"""What lies on the desk: the files under review, and where each proposed change belongs in them.

True here: files are read, never written. Everything hostile about a path is found here or in the
workspace below, and becomes a `Missing` with a sentence. A path that a change of this turn brings
about (a new file, a new name) is `promised` until that change is on disk.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import assert_never

from codexspark_tui.errors import PathRefused
from codexspark_tui.patch import Mismatch, TextFile, decode, unsafe_path
from codexspark_tui.patch.model import (
    Ambiguous,
    Create,
    Delete,
    Hunk,
    HunkHint,
    Missing,
    ModeChange,
    Placement,
    Proposed,
    Rename,
    Resolved,
    ResolvedHunk,
)
from codexspark_tui.session import whole
from codexspark_tui.session.drafts import Carrier, Draft, digest_of, places_digest
from codexspark_tui.session.files import Files, Promise
from codexspark_tui.session.review import Change
from codexspark_tui.workspace import Accepted, FileState, FileWritten, Workspace
from codexspark_tui.workspace.tree import NoFile


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a change belongs; `needs` are the ids of changes that it cannot do without."""

    placement: Placement
    resolved: Resolved | None = None
    digest: str = ""
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stuck:
    """An accepted change that no longer fits the file that we ourselves have changed."""

    change: str
    why: str


@dataclass(slots=True)
class Desk:
    """The drafts of one turn, by the key of their file. `trust_numbers`: line numbers are exact.

    `touched`: the keys of those that were written to, or taken back from, since that was told.
    """

    files: Files
    trust_numbers: bool = False
    drafts: dict[str, Draft] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, workspace: Workspace, *, trust_numbers: bool = False) -> Desk:
        return cls(Files(workspace), trust_numbers)

    # -- questions of the reader ---------------------------------------------------------------

    def exists(self, path: str) -> bool:
        """Whether the reader may take `path` for a file of this tree, or of this turn.

        One that is there and must be left alone (in a submodule, too large) is not another one.
        """
        if path in self.files.promised or self.files.key(path) in self.drafts:
            return True
        try:
            return not unsafe_path(path, there=True) and self.files.read(path).kind != "missing"
        except (NoFile, ValueError):
            return False
        except PathRefused:
            return True

    def draft_of(self, path: str) -> Draft | None:
        """The file under review at `path`; None where there is none, or none that is text."""
        try:
            draft = Missing("unsafe") if _unsafe(self, path) else self._draft(path)
        except (PathRefused, ValueError):
            return None
        return None if isinstance(draft, Missing) else draft

    # -- placing -------------------------------------------------------------------------------

    def place(self, id: str, proposed: Proposed) -> Outcome:
        """Where the change `id` belongs."""
        for path in _paths(proposed):
            why = _unsafe(self, path)
            if why:
                return missing(why)
        try:
            return self._place(id, proposed)
        except PathRefused as refused:
            return missing(" ".join(filter(None, (refused.title, refused.detail))))
        except ValueError as error:
            return missing(f"it cannot be placed: {error}")

    def _place(self, id: str, proposed: Proposed) -> Outcome:
        match proposed:
            case Hunk():
                draft = self._draft(proposed.path)
                if isinstance(draft, Missing):
                    return Outcome(_why_missing(self.files, proposed, draft))
                placement, resolved = draft.place(proposed)
                if isinstance(placement, Missing):
                    placement = _why_missing(self.files, proposed, placement)
                return self._outcome(draft, placement, resolved)
            case Create():
                return self._create(id, proposed)
            case Rename():
                return self._rename(id, proposed)
            case Delete():
                return self._whole(*_deletion(self.files, proposed), proposed.path)
            case ModeChange():
                state = self.files.state(proposed.path)
                return self._whole(whole.resolve_mode(proposed, state), state, proposed.path)
            case _:
                assert_never(proposed)

    def place_at(self, hunk: Hunk, at: int) -> Outcome:
        """Put an ambiguous hunk at line index `at`, which the person chose."""
        draft = self.drafts[self.files.key(hunk.path)]
        return self._outcome(draft, *draft.place_at(hunk, at))

    def retry(self, hunk: Hunk) -> Outcome:
        """Place an ambiguous hunk again, now that other ones are placed."""
        draft = self.drafts[self.files.key(hunk.path)]
        return self._outcome(draft, *draft.retry(hunk))

    def altered(self, change: Change, hunk: ResolvedHunk) -> Outcome:
        """The outcome for a hunk of the same base that the person has edited or split."""
        assert change.placement is not None
        draft = self.drafts[self.files.key(change.path)]
        return Outcome(change.placement, hunk, digest_of(hunk, draft.base_digest), change.needs)

    def carried(self, changes: Iterable[Change]) -> dict[str, Hunk]:
        """Placed hunks, by change id, as hunks of their files as they are on disk now.

        Only those whose lines can be followed there: what was accepted, taken back or edited
        around them is in their context, and their numbers are right.
        """
        carriers: dict[str, Carrier | None] = {}
        found: dict[str, Hunk] = {}
        for change in changes:
            if not isinstance(change.resolved, ResolvedHunk) or not self.still_placed(change):
                continue
            key = self.files.key(change.path)
            if key not in carriers:
                carriers[key] = self._carrier(change.path)
            carrier = carriers[key]
            hunk = carrier.over(change.id, change.resolved) if carrier else None
            if hunk is not None:
                found[change.id] = hunk_of(hunk)
        return found

    def _carrier(self, path: str) -> Carrier | None:
        state = self.files.now(self.files.origin(path))
        text = decode(state.data) if state is not None and state.kind == "file" else None
        if not isinstance(text, TextFile):
            return None
        return Carrier(self.drafts[self.files.key(path)], text.text)

    def still_placed(self, change: Change) -> bool:
        """Whether the change's placement refers to the file as the desk has it now."""
        if change.kind != "hunk":
            known = self.files.digest(change.path)
            makes = change.kind in ("create", "rename")
            kept = not makes or change.id in {p.change for p in self.files.promised.values()}
            return kept and self._names(change, known)
        draft = self.drafts.get(self.files.key(change.path))
        return draft is not None and self._names(change, draft.base_digest)

    def _names(self, change: Change, base_digest: str) -> bool:
        """Whether the change's digest is that of its placement on this base."""
        if isinstance(change.placement, Ambiguous):
            return change.digest == places_digest(change.placement, base_digest)
        resolved = change.resolved
        return resolved is not None and change.digest == digest_of(resolved, base_digest)

    def _outcome(
        self, draft: Draft, placement: Placement, resolved: ResolvedHunk | None
    ) -> Outcome:
        digest = ""
        if resolved is not None:
            digest = digest_of(resolved, draft.base_digest)
        elif isinstance(placement, Ambiguous):
            digest = places_digest(placement, draft.base_digest)
        return Outcome(placement, resolved, digest, draft.needs)

    def _whole(self, made: Resolved | Missing, state: FileState, path: str) -> Outcome:
        if isinstance(made, Missing):
            return Outcome(made)
        promise = self.files.promised.get(path)
        needs = (promise.change,) if promise else ()
        return Outcome(whole.WHOLE_FILE, made, digest_of(made, state.digest), needs)

    def _create(self, id: str, create: Create) -> Outcome:
        if create.path in self.files.promised and self.files.promised[create.path].change != id:
            return missing(f"{create.path} is made by another change already")
        state = self.files.read(create.path)
        made = whole.resolve_creation(create, state)
        if isinstance(made, Missing):
            return Outcome(made)
        text = "".join(line.text + line.end for line in made.lines)
        self._promise(id, create.path, "", TextFile(text), "")
        return Outcome(whole.WHOLE_FILE, made, digest_of(made, ""))

    def _rename(self, id: str, rename: Rename) -> Outcome:
        source = self.files.state(rename.path)
        promise = self.files.promised.get(rename.to)
        if promise is not None and promise.change != id:
            return missing(f"{rename.to} is made by another change already")
        made = whole.resolve_renaming(
            rename, source, self.files.read(rename.to), self.files.is_link(rename.path)
        )
        outcome = self._whole(made, source, rename.path)
        if not isinstance(made, Missing):
            text = decode(source.data)
            known = text if isinstance(text, TextFile) else None
            self._promise(id, rename.to, rename.path, known, source.digest)
        return outcome

    def _promise(self, id: str, path: str, source: str, text: TextFile | None, digest: str) -> None:
        self.files.promised[path] = Promise(id, source)
        self.drafts.pop(self.files.key(path), None)
        if text is not None:
            self.drafts[self.files.key(path)] = Draft.of(
                path, text, digest, trust_numbers=self.trust_numbers, needs=(id,)
            )

    def _draft(self, path: str) -> Draft | Missing:
        draft = self.drafts.get(self.files.key(path))
        if draft is None:
            found = whole.read_text(path, self.files.read(path))
            if isinstance(found, Missing):
                return found
            state, text = found
            draft = self.drafts.get(self.files.key(path))
        if draft is None:
            draft = Draft.of(path, text, state.digest, trust_numbers=self.trust_numbers)
            self.drafts[self.files.key(path)] = draft
        return draft

    # -- deciding ------------------------------------------------------------------------------

    def accepted(self, changes: list[Change]) -> list[Accepted] | Stuck:
        """What the workspace is to write for these placed changes, in their order."""
        hunks: dict[str, dict[str, ResolvedHunk]] = {}
        made: list[Accepted] = []
        authors = {change.id: change.author for change in changes}
        for change in changes:
            if isinstance(change.resolved, ResolvedHunk):
                hunks.setdefault(self.files.key(change.path), {})[change.id] = change.resolved
        for change in changes:
            if change.kind == "hunk":
                mine = hunks.pop(self.files.key(change.path), {})
                moved = self._against_disk(change.path, mine) if mine else []
                if isinstance(moved, Mismatch):
                    return Stuck(change.id, moved.why)
                made += moved
            elif change.resolved is not None:
                base = "" if change.kind == "create" else self.files.digest(change.path)
                made.append(Accepted(change.id, change.resolved, base))
        return [replace(one, author=authors[one.change_id]) for one in made]

    def _against_disk(self, path: str, hunks: dict[str, ResolvedHunk]) -> list[Accepted] | Mismatch:
        moved = self.drafts[self.files.key(path)].against_disk(hunks)
        if isinstance(moved, Mismatch):
            return moved
        return [Accepted(id, hunk, self.files.digest(path)) for id, hunk in moved.items()]

    def written(self, changes: Iterable[Change], files: Iterable[FileWritten]) -> None:
        """These changes are on disk now, and these files are as the workspace says."""
        for file in files:
            self.files.known[file.path] = file.digest_after
        for change in changes:
            self.rewritten(change)
            self.files.keep_promises(change.id)

    def rewritten(self, change: Change) -> None:
        """This change is on disk (again)."""
        draft = self.drafts.get(self.files.key(change.path))
        if draft and isinstance(change.resolved, ResolvedHunk) and self.still_placed(change):
            draft.wrote(change.id, change.resolved)
            self.touched.add(self.files.key(change.path))

    def unwritten(self, change: Change) -> None:
        """This change was taken back."""
        draft = self.drafts.get(self.files.key(change.path))
        if draft is not None:
            draft.unwrote(change.id)
            self.touched.add(self.files.key(change.path))

    def moved_on(self, path: str) -> set[str]:
        """The keys of the files that are not as we know them, of `path` and what comes from it.

        A file whose text is what we think it is counts as known: only its digest is taken over.
        """
        path = self.files.origin(path)
        key = self.files.key(path)
        state = self.files.now(path)
        digest = state.digest if state is not None else ""
        if digest == self.files.known.get(key):
            return set()
        self.files.known[key] = digest
        draft = self.drafts.get(key)
        if draft is not None and state is not None and digest:
            text = decode(state.data)
            if isinstance(text, TextFile) and text.text == draft.now():
                return set()
        return self.files.brings(path)

    def forget(self, keys: set[str]) -> None:
        """Read these files anew when they are asked for again."""
        for key in keys:
            self.drafts.pop(key, None)
        self.files.forget(keys)


def _deletion(files: Files, delete: Delete) -> tuple[Resolved | Missing, FileState]:
    """The deletion of a file, or of the link that is at its path, and what is there."""
    if not files.is_link(delete.path):
        state = files.state(delete.path)
        return whole.resolve_deletion(delete, state), state
    link = files.link(delete.path)
    gone = whole.resolve_link_deletion(delete, link)
    if not isinstance(gone, Missing):
        files.stands_for_itself(delete.path, link)
    return gone, link


def _why_missing(files: Files, hunk: Hunk, missing: Missing) -> Missing:
    """The same, or that the hunk is about a link itself."""
    if not files.is_link(hunk.path):
        return missing
    return whole.why_link_stays(hunk, files.link(hunk.path)) or missing


def _unsafe(desk: Desk, path: str) -> str | None:
    """Why a path must not be written; a file that is there may have any name."""
    return unsafe_path(path) and unsafe_path(path, there=desk.exists(path))


def _paths(proposed: Proposed) -> tuple[str, ...]:
    return (proposed.path, proposed.to) if isinstance(proposed, Rename) else (proposed.path,)


def hunk_of(hunk: ResolvedHunk) -> Hunk:
    """A resolved hunk as one that can be placed again, with numbers that are right today."""
    old = sum(line.sign != "+" for line in hunk.lines)
    new = sum(line.sign != "-" for line in hunk.lines)
    return Hunk(hunk.path, hunk.lines, HunkHint(hunk.old_start, old, hunk.old_start, new))


def missing(why: str) -> Outcome:
    return Outcome(Missing(why))
