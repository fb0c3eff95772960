"""Requests and answers as JSON, for the pipe between `client` and `worker`.

Plain `json` with ASCII escapes, because file names may hold bytes that are not UTF-8 (as lone
surrogates); msgspec turns what was read back into the dataclasses of `model` and checks it.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from codexspark_tui.codemods import model
from codexspark_tui.codemods.model import Answer, Request
from codexspark_tui.codemods.sources import Project

_REQUESTS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        model.RenameSymbol,
        model.RenameModule,
        model.MoveName,
        model.MoveModule,
        model.Extract,
        model.Inline,
        model.Tidy,
        model.Replace,
        model.Docstrings,
        model.TestSkeletons,
    )
}
_ANSWERS: dict[str, type[Any]] = {
    kind.__name__: kind for kind in (model.Edits, model.AmbiguousName, model.CannotDo)
}


def encode_request(request: Request, project: Project) -> bytes:
    return _encode(
        {
            "kind": type(request).__name__,
            "value": dataclasses.asdict(request),
            "root": str(project.root),
            "files": project.files,
            "holders": {word: sorted(paths) for word, paths in project.holders.items()},
            "elsewhere": [dataclasses.asdict(one) for one in project.elsewhere],
        }
    )


def decode_request(data: bytes) -> tuple[Request, Project]:
    """Raises `KeyError`, `ValueError` or `msgspec.ValidationError` on anything malformed."""
    read = json.loads(data)
    project = Project(
        Path(read["root"]),
        tuple(read["files"]),
        {word: frozenset(paths) for word, paths in read["holders"].items()},
        tuple(_convert(one, model.Candidate) for one in read["elsewhere"]),
    )
    return _convert(read["value"], _REQUESTS[read["kind"]]), project


def encode_answer(answer: Answer) -> bytes:
    return _encode({"kind": type(answer).__name__, "value": dataclasses.asdict(answer)})


def decode_answer(data: bytes) -> Answer:
    """Raises `KeyError`, `ValueError` or `msgspec.ValidationError` on anything malformed."""
    read = json.loads(data)
    answer: Answer = _convert(read["value"], _ANSWERS[read["kind"]])
    return answer


def _encode(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def _convert(value: object, kind: type[Any]) -> Any:
    import msgspec

    return msgspec.convert(value, kind)
