"""Which file a part of a unified diff is about, and what its headers ask for besides its lines.

The names are read as the tree suggests; names that contradict each other, binary data, submodules
and odd modes are refused here, once. Lines of hunks are not read here.
"""

from __future__ import annotations

from dataclasses import replace

from codexspark_tui.patch.headers import GitHeader, as_mode, git_names
from codexspark_tui.patch.model import Create, Delete, HunkHint, Mode, ModeChange, Rename
from codexspark_tui.patch.paths import NOWHERE, FileNames, best_names, name_below, without_folders
from codexspark_tui.patch.reader_body import Body
from codexspark_tui.patch.reader_core import Raw, Reading

EMPTY_HUNK = "A hunk header has no lines after it."


class FileSubject:
    """The file of one part of a diff; `path` is known once `open` was called."""

    def __init__(self, reading: Reading, path: str | None = None) -> None:
        self._reading = reading
        self._git = GitHeader()
        self._names = FileNames(path, path)
        self._as_written = FileNames(None, None)
        self._needs: int | None = None
        self._mode: Mode = "100644"
        self._unsupported = False
        self.sides: tuple[str | None, str | None] = (None, None)
        self.path = path

    @property
    def has_git_names(self) -> bool:
        """The file is known without "---" and "+++": by git's line, or by those of a move."""
        moved = self._git.moved_from is not None and self._git.moved_to is not None
        return moved or self._git.new is not None

    @property
    def deleted(self) -> bool:
        """The headers say that there is no file afterwards."""
        return self._names.new is None

    def read(self, text: str) -> bool:
        """Take in one of git's header lines; False if it is none."""
        if not text.startswith("diff --git "):
            return self._git.read(text)
        names = git_names(text.removeprefix("diff --git "))
        if names is not None:
            self._git.old, self._git.new = names
        return True

    def open_by_git_names(self) -> None:
        self.open(self._git.old or "", self._git.new or "")

    def open(self, old: str, new: str) -> None:
        """Both names are known (raw): choose their reading, say what the headers ask for."""
        git = self._git
        exists = self._reading.tree.exists
        if self._reading.tree.strip is not None:
            self._open_stripped(old, new, self._reading.tree.strip)
            return
        leads = self._reading.tree.leads
        pair = self._pair_of(old, new)
        if git.moved_from is not None and git.moved_to is not None:
            self._names = FileNames(git.moved_from, git.moved_to)
        elif pair is not None:
            self._names = pair
        elif git.created_mode is not None and NOWHERE not in (old, new):
            self._names = FileNames(None, leads.below(new) or best_names(old, new, None).new)
        elif git.deleted_mode is not None and NOWHERE not in (old, new):
            self._names = FileNames(best_names(old, new, exists).old, None)
        else:
            self._names = best_names(old, new, exists, leads)
        self.path = self._names.target
        self._as_written = pair or best_names(old, new, None)
        if pair is None:
            self._agree_with_git_line()
        if exists is not None and exists(self.path or ""):
            leads.learn(old, self.path or "")
            leads.learn(new, self.path or "")
        elif exists is not None:
            self._as_written = self._names
        self._say_operations()

    def _pair_of(self, old: str, new: str) -> FileNames | None:
        """The one name of a new or deleted file, if git's line (or the names beside an epoch) has
        it with two unlike prefixes."""
        first, second = self._git.old, self._git.new
        if first is None and second is None:
            first, second = self.sides
        if None in (first, second) or NOWHERE in (first, second) or NOWHERE not in (old, new):
            return None
        plain = best_names(first or "", second or "", None)
        below = name_below(first or "", second or "")
        if below is not None and not self._reading.tree.leads.is_of_tree(second or ""):
            plain = FileNames(below, below)
        if plain.old != plain.new or plain.old in (first, second):
            return None
        if old not in (first, NOWHERE) or new not in (second, NOWHERE):
            return None
        exists = self._reading.tree.exists
        if new == NOWHERE and exists is not None and not exists(plain.old or ""):
            return None
        return FileNames(None, plain.new) if old == NOWHERE else FileNames(plain.old, None)

    def _open_stripped(self, old: str, new: str, strip: int) -> None:
        """The names as `patch -p` reads them. git's own lines of a move have no prefix."""
        git = self._git
        cut = (without_folders(old, strip), without_folders(new, strip))
        if git.moved_from is not None and git.moved_to is not None:
            cut = (
                without_folders(git.moved_from, max(strip - 1, 0)),
                without_folders(git.moved_to, max(strip - 1, 0)),
            )
        names = FileNames(
            None if old == NOWHERE or git.created_mode is not None else cut[0],
            None if new == NOWHERE or git.deleted_mode is not None else cut[1],
        )
        if names.old != names.new and None not in (names.old, names.new) and not git.moved_to:
            exists = self._reading.tree.exists
            known = [name for name in cut if exists is not None and exists(name)]
            only = known[0] if len(known) == 1 else cut[1]
            names = FileNames(only, only)
        self._names = self._as_written = names
        self.path = names.target or ""
        if not self.path:
            self.refuse(f"{new if new != NOWHERE else old} has not {strip} folders to leave out.")
        else:
            self._say_operations()

    def _agree_with_git_line(self) -> None:
        """ "diff --git" and "---"/"+++" must mean one file; an existing one settles short names."""
        git, path = self._git, self.path or ""
        if git.old is None or git.new is None or git.moved_to is not None:
            return
        exists = self._reading.tree.exists
        other = best_names(git.old, git.new, exists, self._reading.tree.leads).target or ""
        sides = {name for name in (self._names.old, self._names.new) if name is not None}
        line = best_names(git.old, git.new, None)
        if len(sides) == 2 and line.old == line.new and exists and all(map(exists, sides)):
            self.refuse(f"The header names two files, {self._names.old} and {path}.")
            return
        if not sides or other in sides:
            return
        related = ("/" + other).endswith("/" + path) or ("/" + path).endswith("/" + other)
        if exists is None or not related or exists(path) == exists(other):
            self.refuse(f"The header names two files, {other} and {path}.")
        elif exists(other):
            self._names = FileNames(
                other if self._names.old is not None else None,
                other if self._names.new is not None else None,
            )
            self.path = other

    def _say_operations(self) -> None:
        emit, git, path = self._reading.emit, self._git, self.path or ""
        if self._unsupported:
            return
        if "160000" in git.modes:
            self.refuse(f"{path} is a submodule; its commit is not ours to change.")
            return
        if git.binary:
            self.refuse(f"{path} is binary; only text can be patched.")
            return
        odd = next((m for m in git.modes if m is not None and as_mode(m) is None), None)
        if odd is not None:
            self.refuse(f"{path} has the mode {odd}, which is neither a file nor a link.")
            return
        if self._renames():
            self._needs = emit.whole(
                Rename(self._names.old or "", self._names.new or "", copy=git.copy)
            )
        mode, old_mode = as_mode(git.new_mode), as_mode(git.old_mode)
        if mode is not None and mode != old_mode:
            emit.whole(ModeChange(path, mode, old_mode))
        self._mode = as_mode(git.created_mode) or "100644"

    def _renames(self) -> bool:
        old, new = self._names.old, self._names.new
        if old is None or new is None or old == new:
            return False
        if self._git.moved_to is not None:
            return True
        exists = self._reading.tree.exists
        return exists is None or (exists(old) and not exists(new))

    def refuse(self, why: str) -> None:
        """What the part asks for cannot be carried out: say so, and read on in silence."""
        if self._unsupported:
            return
        self._reading.emit.unsupported(self.path or "", why)
        self._unsupported = True

    def doubt_reading(self, hint: HunkHint, raw: Raw) -> None:
        """A file that looks new is not the existing one that only its name's end is like."""
        written, exists = self._as_written, self._reading.tree.exists
        if exists is None or written.target is None or written.target == self.path:
            return
        if not exists(written.target):
            names, self._names = self._names, written
            if self._is_create(hint, raw):
                self.path = written.target
            else:
                self._names = names

    def new_body(self, hint: HunkHint, raw: Raw, *, crlf_transport: bool) -> Body:
        """The body that the hunk which begins with `raw` will have."""
        path = self.path or ""
        if self._is_create(hint, raw):
            body = Body(self._reading, "create", path, hint)
        elif self._names.new is None:
            body = Body(self._reading, "delete", path, hint)
            body.gone_mode = as_mode(self._git.deleted_mode)
        else:
            old = self._names.old
            if (hint.old_start, hint.old_count) == (0, 0) and self._git.had_content:
                hint = replace(hint, before_first=True)
            body = Body(self._reading, "hunk", path, hint, needs=self._needs, old_path=old)
        body.mode, body.crlf_transport = self._mode, crlf_transport
        body.silent = self._unsupported
        return body

    def _is_create(self, hint: HunkHint, raw: Raw) -> bool:
        if self._names.old is None:
            return self._names.new is not None
        exists = self._reading.tree.exists
        if exists is None or self._names.new is None or self._names.old != self._names.new:
            return False
        if exists(self._names.new) or raw.text[0] != "+" or self._git.had_content:
            return False
        return hint.old_count is None or (hint.old_start, hint.old_count) == (0, 0)

    def say_bodiless(self, *, header_open: bool) -> None:
        """A new, deleted or moved file without any hunk; `header_open`: one was begun."""
        if self._unsupported:
            return
        emit, path = self._reading.emit, self.path or ""
        if self._names.old is None and self._names.new is not None:
            emit.whole(Create(path, (), self._mode))
        elif self._names.new is None and self._names.old is not None:
            emit.whole(Delete(path, (), as_mode(self._git.deleted_mode)))
        elif header_open:
            emit.unsupported(path, EMPTY_HUNK)

    def operates(self) -> bool:
        """Whether git's header lines alone ask for something."""
        git = self._git
        moved = git.moved_from is not None and git.moved_to is not None
        modes = git.old_mode is not None and git.new_mode is not None
        return moved or modes or git.binary or bool(git.created_mode or git.deleted_mode)
