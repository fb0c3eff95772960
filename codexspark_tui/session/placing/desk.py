"""What lies on the desk: the files under review, and where each proposed change belongs in them.

True here: files are read, never written. Everything hostile about a path is found here or in the
workspace below, and becomes a `Missing` with a sentence. A path that a change of this turn brings
about (a new file, a new name) is `promised` until that change is on disk.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from codexspark_tui.errors import PathRefused
from codexspark_tui.patch import Mismatch, TextFile, decode, unsafe_path
from codexspark_tui.patch.model import (
    Ambiguous,
    Hunk,
    HunkHint,
    Missing,
    Proposed,
    Rename,
    ResolvedHunk,
)
from codexspark_tui.session.placing.drafts import Carrier, Draft, digest_of, places_digest
from codexspark_tui.session.placing.files import Files
from codexspark_tui.session.placing.placed import Outcome, in_draft, missing, placed
from codexspark_tui.session.placing.texts import Texts
from codexspark_tui.session.review import Change, in_order_of_need
from codexspark_tui.workspace import Accepted, FileWritten, Workspace
from codexspark_tui.workspace.tree import NoFile


@dataclass(frozen=True, slots=True)
class Stuck:
    """An accepted change that no longer fits the file that we ourselves have changed."""

    change: str
    why: str


@dataclass(slots=True)
class Desk:
    """The files of one turn, and the texts of those that were asked for.

    `touched`: the keys of those that were written to, or taken back from, since that was told.
    """

    files: Files
    texts: Texts
    touched: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, workspace: Workspace, *, trust_numbers: bool = False) -> Desk:
        """`trust_numbers`: line numbers are exact."""
        files = Files(workspace)
        return cls(files, Texts(files, trust_numbers))

    # -- questions of the reader ---------------------------------------------------------------

    def exists(self, path: str) -> bool:
        """Whether the reader may take `path` for a file of this tree, or of this turn.

        One that is there and must be left alone (in a submodule, too large) is not another one.
        """
        if path in self.files.promised or self.files.key(path) in self.texts.drafts:
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
            draft = Missing("unsafe") if _unsafe(self, path) else self.texts.draft(path)
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
            return placed(self.texts, id, proposed)
        except PathRefused as refused:
            return missing(" ".join(filter(None, (refused.title, refused.detail))))
        except ValueError as error:
            return missing(f"it cannot be placed: {error}")

    def place_at(self, hunk: Hunk, at: int) -> Outcome:
        """Put an ambiguous hunk at line index `at`, which the person chose."""
        draft = self.texts.drafts[self.files.key(hunk.path)]
        return in_draft(draft, *draft.place_at(hunk, at))

    def retry(self, hunk: Hunk) -> Outcome:
        """Place an ambiguous hunk again, now that other ones are placed."""
        draft = self.texts.drafts[self.files.key(hunk.path)]
        return in_draft(draft, *draft.retry(hunk))

    def altered(self, change: Change, hunk: ResolvedHunk) -> Outcome:
        """The outcome for a hunk of the same base that the person has edited or split."""
        assert change.placement is not None
        draft = self.texts.drafts[self.files.key(change.path)]
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
        return Carrier(self.texts.drafts[self.files.key(path)], text.text)

    def still_placed(self, change: Change) -> bool:
        """Whether the change's placement refers to the file as the desk has it now."""
        if change.kind != "hunk":
            makes = change.kind in ("create", "rename")
            kept = not makes or change.id in {p.change for p in self.files.promised.values()}
            return kept and self._names(change, self._base(change))
        draft = self.texts.drafts.get(self.files.key(change.path))
        return draft is not None and self._names(change, draft.base_digest)

    def _base(self, change: Change) -> str:
        """The digest of the file that a change of a whole file builds on.

        Where another change replaces that file, it is the one that is there, or the one that comes:
        what was shown of the change tells which.
        """
        if change.kind == "create":
            return ""
        base = self.files.digest(change.path, change.id)
        there = self.files.known.get(change.path, base)
        return base if self._names(change, base) else there

    def _names(self, change: Change, base_digest: str) -> bool:
        """Whether the change's digest is that of its placement on this base."""
        if isinstance(change.placement, Ambiguous):
            return change.digest == places_digest(change.placement, base_digest)
        resolved = change.resolved
        return resolved is not None and change.digest == digest_of(resolved, base_digest)

    # -- deciding ------------------------------------------------------------------------------

    def accepted(self, changes: list[Change]) -> list[Accepted] | Stuck:
        """What the workspace is to write for these placed changes; what others need comes first."""
        hunks: dict[str, dict[str, ResolvedHunk]] = {}
        made: list[Accepted] = []
        authors = {change.id: change.author for change in changes}
        changes = in_order_of_need(changes)
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
                made.append(Accepted(change.id, change.resolved, self._base(change)))
        return [replace(one, author=authors[one.change_id]) for one in made]

    def _against_disk(self, path: str, hunks: dict[str, ResolvedHunk]) -> list[Accepted] | Mismatch:
        moved = self.texts.drafts[self.files.key(path)].against_disk(hunks)
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
        draft = self.texts.drafts.get(self.files.key(change.path))
        if draft and isinstance(change.resolved, ResolvedHunk) and self.still_placed(change):
            draft.wrote(change.id, change.resolved)
            self.touched.add(self.files.key(change.path))

    def unwritten(self, change: Change) -> None:
        """This change was taken back."""
        draft = self.texts.drafts.get(self.files.key(change.path))
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
        draft = self.texts.drafts.get(key)
        if draft is not None and state is not None and digest:
            text = decode(state.data)
            if isinstance(text, TextFile) and text.text == draft.now():
                return set()
        return self.files.brings(path)

    def forget(self, keys: set[str]) -> None:
        """Read these files anew when they are asked for again."""
        for key in keys:
            self.texts.drafts.pop(key, None)
        self.files.forget(keys)


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
