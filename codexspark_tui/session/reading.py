"""The reader of an answer, with the files on the desk to ask about what the text leaves open."""

from __future__ import annotations

from collections.abc import Iterator

from codexspark_tui.patch import PatchReader
from codexspark_tui.patch.paths import Leads
from codexspark_tui.patch.reader_envelope import BodyVerb
from codexspark_tui.session.placing.desk import Desk


def reader_for(
    desk: Desk,
    *,
    path: str | None = None,
    body: BodyVerb | None = None,
    strip: int | None = None,
    numbers: Iterator[int] | None = None,
    leads: Leads | None = None,
) -> PatchReader:
    """A reader that takes every form: diffs, envelopes, blocks, and whole files in fences."""

    def has_line(path: str, text: str) -> bool | None:
        draft = desk.draft_of(path)
        return None if draft is None else draft.has_line(text)

    def text_of(path: str) -> str | None:
        draft = desk.draft_of(path)
        return None if draft is None else draft.text

    return PatchReader(
        desk.exists,
        has_line,
        path=path,
        whole_files=text_of,
        strip=strip,
        body=body,
        numbers=numbers,
        leads=leads,
    )
