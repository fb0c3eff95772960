"""What goes with a prompt: first what the person named, then what the index ranks, then signatures
of what comes next, and the list of files. Where no index is ready, git grep finds instead.

    RepositoryContext(workspace, estimator, index).choose(Wanted) → Chosen

The pieces are in the order of what changes least: the list, signatures, found files, named files;
so the beginning of a request is the same as that of the one before, and a server has it cached.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from codexspark_tui.errors import NoRepository
from codexspark_tui.git import list_files, walked
from codexspark_tui.index.passages import passages
from codexspark_tui.index.prompt import Said, mentions, read_prompt
from codexspark_tui.session.context.agents import REASON, agents_paths, depth, shortened
from codexspark_tui.session.context.mentioned import Named, NamedNothing, NamedText, named
from codexspark_tui.session.context.model import Chosen, LeftOut, Piece, Wanted
from codexspark_tui.session.context.outline import outline
from codexspark_tui.session.context.picking import LIST_SHARE, Picking, Ranges
from codexspark_tui.session.context.searched import found_files
from codexspark_tui.session.tokens import Estimator
from codexspark_tui.workspace import Workspace

if TYPE_CHECKING:
    from codexspark_tui.index.index import Index
    from codexspark_tui.index.values import Ranked

FOUND_SHARE = 0.7  # of the budget, for what only the prompt's words have found
MAP_SHARE = 0.1  # of the budget, for signatures of what comes next
MOST_FOUND = 20
MOST_MAPPED = 12
LEAST_SCORE = 0.3  # of the best file's
MOST_READ_NOW = 24  # changed files that are read before a prompt is ranked
MOST_LOOKED_AT = 5_000  # files of a tree that is looked at before each prompt
_ORDER = {"list": 0, "outline": 1}


@dataclass(slots=True)
class RepositoryContext:
    """`index`: gives the index of the tree; None where there is none."""

    workspace: Workspace
    estimator: Estimator
    index: Callable[[], Index] | None = None

    @property
    def root(self) -> Path:
        return self.workspace.root

    def choose(self, wanted: Wanted) -> Chosen:
        index = self.index() if self.index is not None else None
        files = _files(index, self.root, wanted)
        picking = Picking(self.workspace, self.estimator, wanted)
        certain: set[str] = set()
        meant = list(named(wanted, files, self.workspace.root, index))
        _instruct(picking, [one.path for one in meant if isinstance(one, Named)], files)
        for one in meant:
            match one:
                case NamedText():
                    picking.say(one.name, one.text or "(nothing)\n")
                case NamedNothing():
                    picking.left_out.append(LeftOut(one.said, one.why))
                case Named():
                    certain.add(one.path)
                    picking.take(one.path, one.reason, ranges=one.ranges)
        self._find(picking, wanted, index, files)
        shown = [p for p in picking.pieces if p.path and p.form != "outline"]
        shown.sort(key=lambda piece: piece.path not in certain)
        _instruct(picking, [piece.path for piece in shown], files)
        why = "you dropped it; a pin sends it again"
        picking.left_out += [LeftOut(p, why, wanted=False) for p in wanted.dropped if p in files]
        if wanted.with_list:
            picking.list_files(files)
        pieces = sorted(picking.pieces, key=lambda piece: _place(piece, certain))
        return Chosen(tuple(pieces), tuple(picking.left_out), tuple(picking.images))

    def _find(
        self, picking: Picking, wanted: Wanted, index: Index | None, files: Sequence[str]
    ) -> None:
        """Take what the prompt leads to, within its share."""
        listed = int(wanted.budget_tokens * LIST_SHARE) if wanted.with_list else 0
        mapped = int(wanted.budget_tokens * MAP_SHARE)
        room = picking.left
        picking.left = max(0, min(room - listed, int(wanted.budget_tokens * FOUND_SHARE)))
        room -= picking.left
        if index is not None and index.is_ready:
            ranked = self._ranked(index, wanted, [p.path for p in picking.pieces if p.path])
            said = read_prompt(wanted.prompt)
            guides = [_Guide(index, said, one) for one in ranked]
            taken = _take_ranked(picking, guides)
            spare = picking.left
            picking.left = min(picking.left, mapped)
            spare -= picking.left
            for guide in guides[taken : taken + MOST_MAPPED]:
                picking.take_outline(guide.ranked.path, guide.ranked.reasons[0], guide)
            picking.left += spare
        else:
            for path, reason in found_files(self.workspace, wanted.prompt, list(files)):
                picking.take(path, reason, found=True)
        picking.left += room

    def _ranked(self, index: Index, wanted: Wanted, certain: Sequence[str]) -> list[Ranked]:
        from codexspark_tui.index.values import Ask

        dropped = frozenset(wanted.dropped)
        ask = Ask(wanted.prompt, tuple(certain), wanted.edited, dropped)
        ranked = index.rank(ask)
        changes = index.note([one.path for one in ranked[:MOST_READ_NOW]])
        if changes.changed:  # in a large tree, since the latest look at it
            index.read_now(changes.changed)
            ranked = index.rank(ask)
        return [r for r in ranked if not index.kind(r.path)]


def _instruct(picking: Picking, shown: Sequence[str], files: Sequence[str]) -> None:
    """Take the AGENTS.md of these files, also where the prompt has led to one as a mere file."""
    paths = agents_paths(shown, files)
    picking.pieces = [
        replace(p, reason=REASON)
        if p.path in paths and p.form == "text" and shortened(p.text) == p.text
        else p
        for p in picking.pieces
    ]
    for path in paths:
        picking.take(path, REASON)


def _files(index: Index | None, root: Path, wanted: Wanted) -> list[str]:
    """The files of the tree. A few that have changed since are read by the index first.

    A large tree is not looked at while the person waits: the index tells what it was at the latest
    look, and looks again in a moment; unless the person names a file that it does not know.
    """
    if index is None:
        try:
            return list_files(root)
        except NoRepository:
            return walked(root)
    paths = index.paths
    if len(paths) > MOST_LOOKED_AT and not _is_late(wanted, paths, root):
        index.look_later()
        return paths
    changes = index.refresh()
    late = [*changes.changed, *changes.added]
    if late and len(late) <= MOST_READ_NOW:
        index.read_now(late)
    return index.paths


def _is_late(wanted: Wanted, paths: Sequence[str], root: Path) -> bool:
    """Whether the prompt mentions a file that is there and not among these."""
    known = frozenset(paths)
    said = [mention.what for mention in mentions(wanted.prompt)]
    return any(what not in known and (root / what).is_file() for what in said)


@dataclass(frozen=True, slots=True)
class _Guide:
    """What the index knows of a file that it has ranked."""

    index: Index
    said: Said
    ranked: Ranked

    def telling(self, text: str) -> Ranges:
        symbols = self.index.symbols_of(self.ranked.path)
        return passages(text, symbols, self.said, self.ranked.lines)

    def heads(self) -> str:
        return outline(self.index.symbols_of(self.ranked.path))


def _take_ranked(picking: Picking, guides: Sequence[_Guide]) -> int:
    """Take the best; how many of the list were looked at."""
    least = guides[0].ranked.score * LEAST_SCORE if guides else 0.0
    for at, guide in enumerate(guides[:MOST_FOUND]):
        one = guide.ranked
        if one.score < least:
            return at
        picking.take(one.path, ", ".join(one.reasons[:2]), found=True, guide=guide)
    return min(MOST_FOUND, len(guides))


def _place(piece: Piece, certain: set[str]) -> tuple[int, int, str]:
    """Found files stand by path, instructions from the root down, and named files in the order in
    which they were named."""
    if piece.form in _ORDER:
        return _ORDER[piece.form], 0, piece.path
    if piece.reason == REASON:
        return 3, *depth(piece.path)
    return (4, 0, "") if piece.path in certain or not piece.path else (2, 0, piece.path)
