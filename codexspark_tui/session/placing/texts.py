"""The texts of the files under review, as far as they were asked for. Reading only."""

from __future__ import annotations

from dataclasses import dataclass, field

from codexspark_tui.patch import TextFile, decode
from codexspark_tui.patch.model import Hunk, Missing
from codexspark_tui.session.placing import whole
from codexspark_tui.session.placing.drafts import Draft
from codexspark_tui.session.placing.files import Files, Promise


@dataclass(slots=True)
class Texts:
    """The drafts of one turn, by the key of their file. `trust_numbers`: line numbers are exact."""

    files: Files
    trust_numbers: bool = False
    drafts: dict[str, Draft] = field(default_factory=dict)

    def draft(self, path: str) -> Draft | Missing:
        """The text of the file at `path`, or why it is none. Raises `PathRefused`."""
        draft = self.drafts.get(self.files.key(path))
        if draft is not None:
            return draft
        found = whole.read_text(path, self.files.read(path))
        if isinstance(found, Missing):
            return found
        state, text = found
        return self.keep(path, text, state.digest)

    def keep(self, path: str, text: TextFile, digest: str, needs: tuple[str, ...] = ()) -> Draft:
        """The draft of this file: the one that there is, else a new one."""
        key = self.files.key(path)
        if key not in self.drafts:
            numbers = self.trust_numbers
            self.drafts[key] = Draft.of(path, text, digest, trust_numbers=numbers, needs=needs)
        return self.drafts[key]

    def link_draft(self, hunk: Hunk) -> Draft | None:
        """The draft of where the link at the hunk's path leads; None where it is about no link."""
        if not self.files.is_link(hunk.path):
            return None
        link = self.files.link(hunk.path)
        text = decode(link.data)
        if not whole.is_of_link(hunk, link) or not isinstance(text, TextFile):
            return None
        self.files.stands_for_itself(hunk.path, link)
        return self.keep(hunk.path, text, link.digest)

    def bring(self, path: str, promise: Promise, text: TextFile | None, digest: str) -> None:
        """A change brings `path` about: its other changes are placed in this text."""
        self.files.promised[path] = promise
        self.drafts.pop(self.files.key(path), None)
        if text is not None:
            self.keep(path, text, digest, (promise.change,))
