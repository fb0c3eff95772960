"""What lies on the desk: the files under review, and where each proposed change belongs in them.

True here: files are read, never written. Everything hostile about a path is found here or in the
workspace below, and becomes a `Missing` with a sentence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias, assert_never

from codexspark_tui.errors import PathRefused
from codexspark_tui.patch import (
    Mismatch,
    TextFile,
    decode,
    resolve_create,
    split_lines,
    to_line,
    unsafe_path,
)
from codexspark_tui.patch.model import (
    Ambiguous,
    Create,
    Delete,
    Hunk,
    Missing,
    ModeChange,
    Placed,
    Placement,
    Proposed,
    Rename,
    Resolved,
    ResolvedDelete,
    ResolvedHunk,
    ResolvedMode,
    ResolvedRename,
)
from codexspark_tui.session.drafts import Draft, digest_of
from codexspark_tui.session.review import Change
from codexspark_tui.workspace import Accepted, FileState, Workspace

WHOLE_FILE = Placed(0, "file")


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


Found: TypeAlias = tuple[FileState, TextFile]


@dataclass(slots=True)
class Desk:
    """The drafts of one turn by path. `trust_numbers`: the provider's line numbers are exact."""

    workspace: Workspace
    trust_numbers: bool = False
    drafts: dict[str, Draft] = field(default_factory=dict)
    bases: dict[str, str] = field(default_factory=dict)
    _known_lines: dict[str, frozenset[str] | None] = field(default_factory=dict)

    def place(self, id: str, proposed: Proposed) -> Outcome:
        """Where the change `id` belongs. Remembers the file's digest for `accepted`."""
        for path in _paths(proposed):
            why = unsafe_path(path)
            if why:
                return _missing(why)
        try:
            return self._place(id, proposed)
        except PathRefused as refused:
            return _missing(" ".join(filter(None, (refused.title, refused.detail))))

    def exists(self, path: str) -> bool:
        """Whether the reader may take `path` for a file of this tree."""
        if unsafe_path(path):
            return False
        try:
            return self.workspace.read(path).kind != "missing"
        except PathRefused:
            return False

    def has_line(self, path: str, text: str) -> bool | None:
        """Whether the file has this line but for white space; None where there is no file."""
        if path not in self._known_lines:
            try:
                found = Missing("unsafe") if unsafe_path(path) else self._read_text(path)
            except PathRefused:
                found = Missing("refused")
            self._known_lines[path] = (
                None
                if isinstance(found, Missing)
                else frozenset(line.strip() for line in found[1].text.split("\n"))
            )
        known = self._known_lines[path]
        return None if known is None else text.strip() in known

    def _place(self, id: str, proposed: Proposed) -> Outcome:
        match proposed:
            case Hunk():
                return self._hunk(proposed)
            case Create():
                return self._create(id, proposed)
            case Delete():
                return self._delete(id, proposed)
            case Rename():
                return self._rename(id, proposed)
            case ModeChange():
                return self._mode(id, proposed)
            case _:
                assert_never(proposed)

    def place_at(self, hunk: Hunk, at: int) -> Outcome:
        """Put an ambiguous hunk at line index `at`, which the person chose."""
        draft = self.drafts[hunk.path]
        return self._outcome(draft, *draft.place_at(hunk, at))

    def retry(self, hunk: Hunk) -> Outcome:
        """Place an ambiguous hunk again, now that later ones are placed."""
        draft = self.drafts[hunk.path]
        return self._outcome(draft, *draft.retry(hunk))

    def forget(self, path: str) -> None:
        """Read the file anew at the next hunk: it has moved on."""
        self.drafts.pop(path, None)
        self._known_lines.pop(path, None)

    def accepted(self, changes: list[Change]) -> list[Accepted] | Stuck:
        """What the workspace is to write for these placed changes, in their order."""
        made: list[Accepted] = []
        for path in dict.fromkeys(c.path for c in changes if c.kind == "hunk"):
            mine = [c for c in changes if c.kind == "hunk" and c.path == path]
            hunks = self._against_disk(path, mine)
            if isinstance(hunks, Mismatch):
                return Stuck(mine[0].id, hunks.why)
            digest = self.drafts[path].disk_digest
            for number, hunk in enumerate(hunks):
                made.append(Accepted(mine[min(number, len(mine) - 1)].id, hunk, digest))
        whole = [
            Accepted(c.id, c.resolved, self._base(c))
            for c in changes
            if c.kind != "hunk" and c.resolved is not None
        ]
        return [*whole, *made]

    def _base(self, change: Change) -> str:
        """The digest that the file has on disk, as far as we know."""
        draft = None if change.kind == "create" else self.drafts.get(change.path)
        return draft.disk_digest if draft else self.bases.get(change.id, "")

    def _against_disk(self, path: str, changes: list[Change]) -> list[ResolvedHunk] | Mismatch:
        hunks = [c.resolved for c in changes if isinstance(c.resolved, ResolvedHunk)]
        return self.drafts[path].against_disk(hunks)

    def written(self, changes: list[Change], digests: dict[str, str]) -> None:
        """These changes are on disk; `digests` are those of the files as they are now."""
        for path, draft in self.drafts.items():
            hunks = [
                c.resolved
                for c in changes
                if c.path == path and isinstance(c.resolved, ResolvedHunk)
            ]
            if path in digests:
                draft.written(hunks, digests[path])

    def _outcome(
        self, draft: Draft, placement: Placement, resolved: ResolvedHunk | None
    ) -> Outcome:
        digest = digest_of(resolved, draft.base_digest) if resolved else ""
        return Outcome(placement, resolved, digest, draft.needs)

    def _hunk(self, hunk: Hunk) -> Outcome:
        draft = self.drafts.get(hunk.path)
        if draft is None:
            found = self._read_text(hunk.path)
            if isinstance(found, Missing):
                return Outcome(found)
            state, text = found
            draft = Draft.of(hunk.path, text.text, state.digest, trust_numbers=self.trust_numbers)
            self.drafts[hunk.path] = draft
        return self._outcome(draft, *draft.place(hunk))

    def _read_text(self, path: str) -> Found | Missing:
        state = self.workspace.read(path)
        if state.kind == "missing":
            return Missing(f"there is no file {path}")
        if state.kind == "symlink":
            return Missing(f"{path} is a symbolic link, and the patch is for a file")
        text = decode(state.data)
        if not isinstance(text, TextFile):
            return Missing(f"{path} cannot be read as text: {text.why}")
        return state, text

    def _create(self, id: str, create: Create) -> Outcome:
        state = self.workspace.read(create.path)
        resolved = resolve_create(create)
        text = "".join(line.text + line.end for line in resolved.lines)
        if state.kind != "missing":
            same = state.data == text.encode("utf-8", "surrogateescape")
            how = "exists already with this content" if same else "exists already"
            return _missing(f"{create.path} {how}")
        self.bases[id] = ""
        self.drafts[create.path] = Draft.of(
            create.path, text, "", trust_numbers=self.trust_numbers, needs=(id,)
        )
        return Outcome(WHOLE_FILE, resolved, digest_of(resolved, ""))

    def _delete(self, id: str, delete: Delete) -> Outcome:
        found = self._read_text(delete.path)
        if isinstance(found, Missing):
            return Outcome(found)
        state, text = found
        lines = tuple(to_line("-", raw) for raw in split_lines(text.text))
        if delete.lines and [x.text for x in lines] != [x.text for x in delete.lines]:
            return _missing(f"{delete.path} is not what the patch deletes")
        self.bases[id] = state.digest
        resolved = ResolvedDelete(delete.path, lines, state.mode)
        return Outcome(WHOLE_FILE, resolved, digest_of(resolved, state.digest))

    def _rename(self, id: str, rename: Rename) -> Outcome:
        source = self.workspace.read(rename.path)
        if source.kind == "missing":
            return _missing(f"there is no file {rename.path}")
        if self.workspace.read(rename.to).kind != "missing" and not _same_name(rename):
            return _missing(f"{rename.to} exists already")
        self.bases[id] = source.digest
        resolved = ResolvedRename(rename.path, rename.to, rename.copy)
        text = decode(source.data)
        if isinstance(text, TextFile):
            self.drafts[rename.to] = Draft.of(
                rename.to,
                text.text,
                source.digest,
                trust_numbers=self.trust_numbers,
                needs=(id,),
            )
        return Outcome(WHOLE_FILE, resolved, digest_of(resolved, source.digest))

    def _mode(self, id: str, change: ModeChange) -> Outcome:
        state = self.workspace.read(change.path)
        if state.kind == "missing":
            return _missing(f"there is no file {change.path}")
        if "120000" in (change.mode, state.mode):
            return _missing(f"{change.path} cannot be made a link, or a link a file, by its mode")
        if state.mode == change.mode:
            return _missing(f"{change.path} has this mode already")
        self.bases[id] = state.digest
        resolved = ResolvedMode(change.path, change.mode, state.mode)
        return Outcome(WHOLE_FILE, resolved, digest_of(resolved, state.digest))


def candidates_of(placement: Placement | None) -> tuple[int, ...]:
    return placement.candidates if isinstance(placement, Ambiguous) else ()


def _paths(proposed: Proposed) -> tuple[str, ...]:
    return (proposed.path, proposed.to) if isinstance(proposed, Rename) else (proposed.path,)


def _same_name(rename: Rename) -> bool:
    """A rename that only changes case names the same file where case does not count."""
    return rename.path.casefold() == rename.to.casefold()


def _missing(why: str) -> Outcome:
    return Outcome(Missing(why))
