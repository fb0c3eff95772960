"""Reads one file's part of a unified diff: git's headers, "---"/"+++", then its hunks.

Models leave out any of these lines; whatever is enough to know the file and the lines is enough.
The paths that come out are the best reading of the names; whether they may be written is not
asked here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from codexspark_tui.patch.headers import GitHeader, as_mode, git_names, hunk_header
from codexspark_tui.patch.model import Create, Delete, HunkHint, Mode, ModeChange, Rename
from codexspark_tui.patch.paths import NOWHERE, FileNames, best_names, header_name, header_side
from codexspark_tui.patch.reader_body import Body
from codexspark_tui.patch.reader_core import MOST_ANCHORS, Raw, Reading

_State = Literal["git", "minus", "file", "body"]


def begins_unified(text: str) -> bool:
    """Whether a line may open a file's part of a unified diff."""
    return text.startswith(("diff --git ", "--- ", "+++ "))


class UnifiedFile:
    """One file of a unified diff. `gutter` stands before each of its lines (a quoted patch)."""

    def __init__(self, reading: Reading, gutter: str = "", path: str | None = None) -> None:
        self._reading = reading
        self._gutter = gutter
        self._state: _State = "git"
        self._git = GitHeader()
        self._minus: Raw | None = None
        self._seen: list[Raw] = []
        self._names = FileNames(None, None)
        self._hint: HunkHint | None = None
        self._anchors: tuple[str, ...] = ()
        self._body: Body | None = None
        self._hunks = 0
        self._as_written = FileNames(None, None)
        self._needs: int | None = None
        self._mode: Mode = "100644"
        self._crlf = False
        self._ended_as_said = True
        self._last_end = "\n"
        self._unsupported = False
        self.path = path
        if path is not None:
            self._names = FileNames(path, path)
            self._state = "file"

    @property
    def marked_end(self) -> bool:
        return False

    @property
    def finished(self) -> bool:
        return self._ended_as_said

    # -- lines ---------------------------------------------------------------------------------

    def take(self, raw: Raw) -> Sequence[Raw] | None:
        if self._state == "body" and not self._gutter:
            return self._in_body(raw)
        stripped = self._without_gutter(raw)
        if stripped is None:
            if self._state == "body" and self._body is not None:
                return self._body.stop(raw)
            return self._leave([raw])
        self._last_end = raw.end
        rest = self._dispatch(stripped)
        if rest is None or not self._gutter:
            return rest
        return [line._replace(text=self._gutter + line.text) for line in rest[:-1]] + [raw]

    def _without_gutter(self, raw: Raw) -> Raw | None:
        if not self._gutter:
            return raw
        if raw.text.startswith(self._gutter):
            return raw._replace(text=raw.text[len(self._gutter) :])
        if not raw.text.strip() or raw.text.strip() == self._gutter.strip():
            return raw._replace(text="")
        return None

    def _dispatch(self, raw: Raw) -> Sequence[Raw] | None:
        match self._state:
            case "git":
                return self._in_git_header(raw)
            case "minus":
                return self._after_minus(raw)
            case "file":
                return self._between_hunks(raw)
            case "body":
                return self._in_body(raw)

    def _in_git_header(self, raw: Raw) -> Sequence[Raw] | None:
        text = raw.text
        if not self._seen:
            self._seen.append(raw)
            if text.startswith("diff --git "):
                self._set_git_names(text.removeprefix("diff --git "))
                return None
            self._state = "minus"
            self._minus = raw
            return None
        if text.startswith("--- "):
            self._minus = raw
            self._state = "minus"
            return None
        if text.startswith("diff --git ") or not (text == "" or self._git.read(text)):
            if text.startswith("@@") and self._git.new is not None:
                self._open_file(*self._raw_names())
                return self._between_hunks(raw)
            return self._leave([raw])
        return None

    def _set_git_names(self, rest: str) -> None:
        names = git_names(rest)
        if names is not None:
            self._git.old, self._git.new = names

    def _raw_names(self) -> tuple[str, str]:
        return self._git.old or "", self._git.new or ""

    def _after_minus(self, raw: Raw) -> Sequence[Raw] | None:
        minus = self._minus
        assert minus is not None
        if minus.text.startswith("+++ "):  # no "---" line at all
            if not raw.text.startswith("@@"):
                return [minus._replace(prose=True), raw]
            name = header_name(minus.text[4:])
            self._crlf = minus.end == "\r\n"
            self._open_file(name, name)
            return self._between_hunks(raw)
        if not raw.text.startswith("+++ "):
            if self._git.new is not None:
                return self._leave([raw])
            return [minus._replace(prose=True), raw]
        self._crlf = minus.end == "\r\n"
        self._open_file(self._old_side(minus.text[4:]), header_side(raw.text[4:]))
        return None

    def _old_side(self, text: str) -> str:
        """The old name; nowhere, if its timestamp says so and no such file is known."""
        side = header_side(text)
        exists = self._reading.tree.exists
        if side == NOWHERE and exists is not None and exists(header_name(text)):
            return header_name(text)
        return side

    def _between_hunks(self, raw: Raw) -> Sequence[Raw] | None:
        text = raw.text
        if not text:
            return None
        hint = hunk_header(text)
        if hint is not None:
            self._anchors = (*self._anchors, *hint.anchors)[-MOST_ANCHORS:]
            self._hint = replace(hint, anchors=self._anchors)
            return None
        expected = self._hint is not None or self._hunks == 0
        if not expected or text.startswith(("diff --git ", "```", "~~~", "*** ")):
            return self._leave([raw])
        if text.startswith("--- ") and self._hint is None:
            return self._leave([raw])
        if text[0] in "+- \t" or (self._hint is not None and self._may_be_content(text)):
            return self._open_body(raw)
        return self._leave([raw])

    def _may_be_content(self, text: str) -> bool:
        return self._reading.tree.knows_line(self.path or "", text) is not False

    def _in_body(self, raw: Raw) -> Sequence[Raw] | None:
        assert self._body is not None
        rest = self._body.take(raw)
        if rest is None:
            return None
        self._ended_as_said = self._body.satisfied
        if not self._continues(rest[-1].text):
            return self._leave(rest)
        self._state = "file"
        for number, line in enumerate(rest):
            more = self._between_hunks(line)
            if more is not None:
                return [*more, *rest[number + 1 :]]
        return None

    def _continues(self, text: str) -> bool:
        return text.startswith("@@")

    # -- opening -------------------------------------------------------------------------------

    def _open_file(self, old: str, new: str) -> None:
        """Both names are known (raw): choose their reading, say what the headers ask for."""
        git = self._git
        exists = self._reading.tree.exists
        if git.moved_from is not None and git.moved_to is not None:
            self._names = FileNames(git.moved_from, git.moved_to)
        elif git.created_mode is not None and NOWHERE not in (old, new):
            self._names = FileNames(None, best_names(old, new, None).new)
        elif git.deleted_mode is not None and NOWHERE not in (old, new):
            self._names = FileNames(best_names(old, new, exists).old, None)
        else:
            self._names = best_names(old, new, exists)
        self.path = self._names.target
        self._as_written = best_names(old, new, None)
        self._state = "file"
        self._agree_with_git_line()
        self._say_operations()

    def _agree_with_git_line(self) -> None:
        """ "diff --git" and "---"/"+++" must mean one file; an existing one settles short names."""
        git, path = self._git, self.path or ""
        if git.old is None or git.new is None or git.moved_to is not None:
            return
        exists = self._reading.tree.exists
        other = best_names(git.old, git.new, exists).target or ""
        sides = {name for name in (self._names.old, self._names.new) if name is not None}
        if not sides or other in sides:
            return
        related = ("/" + other).endswith("/" + path) or ("/" + path).endswith("/" + other)
        if exists is None or not related or exists(path) == exists(other):
            self._refuse(f"The header names two files, {other} and {path}.")
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
            self._refuse(f"{path} is a submodule; its commit is not ours to change.")
            return
        if git.binary:
            self._refuse(f"{path} is binary; only text can be patched.")
            return
        odd = next((m for m in git.modes if m is not None and as_mode(m) is None), None)
        if odd is not None:
            self._refuse(f"{path} has the mode {odd}, which is neither a file nor a link.")
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

    def _refuse(self, why: str) -> None:
        self._reading.emit.unsupported(self.path or "", why)
        self._unsupported = True

    def _open_body(self, raw: Raw) -> Sequence[Raw] | None:
        hint = self._hint if self._hint is not None else HunkHint()
        self._hint, self._anchors = None, ()
        if not self._hunks:
            self._doubt_reading(hint, raw)
        self._hunks += 1
        self._body = self._new_body(hint, raw)
        self._state = "body"
        return self._in_body(raw)

    def _doubt_reading(self, hint: HunkHint, raw: Raw) -> None:
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

    def _new_body(self, hint: HunkHint, raw: Raw) -> Body:
        path = self.path or ""
        if self._is_create(hint, raw):
            body = Body(self._reading, "create", path, hint)
        elif self._names.new is None:
            body = Body(self._reading, "delete", path, hint)
        else:
            old = self._names.old
            body = Body(self._reading, "hunk", path, hint, needs=self._needs, old_path=old)
        body.mode, body.crlf_transport, body.silent = self._mode, self._crlf, self._unsupported
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

    # -- closing -------------------------------------------------------------------------------

    def _leave(self, rest: Sequence[Raw]) -> Sequence[Raw]:
        """The file's part is over before `rest`: say what is still unsaid."""
        if self._state in {"git", "minus"} and self._git.new is not None:
            self._open_file(*self._raw_names())
            self._say_bodiless()
        elif self._state == "file":
            self._say_bodiless()
        return rest

    def _say_bodiless(self) -> None:
        """A new, deleted or moved file without any hunk."""
        if self._unsupported or self._hunks:
            return
        emit, path = self._reading.emit, self.path or ""
        if self._names.old is None and self._names.new is not None:
            emit.whole(Create(path, (), self._mode))
        elif self._names.new is None and self._names.old is not None:
            emit.whole(Delete(path))
        elif self._hint is not None:
            emit.unsupported(path, "A hunk header has no lines after it.")

    def close(self) -> str:
        if self._state == "body" and self._body is not None:
            self._body.close()
            self._ended_as_said = self._body.satisfied
            return self._body_cut(self._body)
        if self._state == "minus" or (self._state == "file" and self._hint is not None):
            return "The text ends inside a header."
        if self._state == "file" and self._hunks == 0 and self._names.new is not None:
            return "The text ends after a file header, before any hunk."
        if self._state == "git" and (self._last_end == "" or not self._git_operates()):
            return "The text ends inside a file header."
        self._leave(())
        return ""

    def _git_operates(self) -> bool:
        git = self._git
        moved = git.moved_from is not None and git.moved_to is not None
        modes = git.old_mode is not None and git.new_mode is not None
        return moved or modes or git.binary or bool(git.created_mode or git.deleted_mode)

    def _body_cut(self, body: Body) -> str:
        if body.changes_nothing:
            return "The text ends in the middle of a hunk, before any change."
        if body.cut_in_blank:
            return "The text ends inside a line of a hunk."
        if body.satisfied:
            return ""
        if body.ends_without_context and self._reading.fence is not None:
            return "The text ends inside a fence, in the middle of a hunk."
        if body.ends_without_context and body.cut_in_line:
            return "The text ends inside a line of a hunk."
        return ""
