"""What `spark verify --ci` writes, checked by the official schema of SARIF 2.1.0.

The schema comes with the package @microsoft/sarif-multitool, which is looked for in the folder that
NODE_TOOLS names (as in tests/reports/test_real.py); skipped where it is not there.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from codexspark_tui.actions.verify import Check, Verified
from codexspark_tui.actions.verify_findings import Found
from codexspark_tui.actions.verify_subject import Subject
from codexspark_tui.actions.verify_told import sarif
from codexspark_tui.errors import ProviderError

pytestmark = pytest.mark.full
jsonschema = pytest.importorskip("jsonschema")
NODE = Path(os.environ.get("NODE_TOOLS", "/nowhere")) / "node_modules"
SCHEMAS = sorted(NODE.glob("@microsoft/sarif-multitool*/sarif-2.1.0.json"))
NASTY = some.text(max_size=40)
FOUND = some.builds(
    Found,
    tool=some.sampled_from(["pytest", "a b/c", "", "é\x1b"]),
    path=some.sampled_from(["", "a.py", "a b/ü%:.py", "x\udc80.py", "-"]),
    line=some.integers(0, 9_999_999),
    end_line=some.integers(0, 9_999_999),
    severity=some.sampled_from(["error", "warning", "note"]),
    rule=NASTY,
    message=NASTY,
    by_model=some.booleans(),
)


@pytest.fixture(scope="module")
def official() -> Any:
    if not SCHEMAS:
        pytest.skip("NODE_TOOLS names no folder with @microsoft/sarif-multitool")
    schema = json.loads(SCHEMAS[0].read_text("utf-8-sig"))
    kind = jsonschema.validators.validator_for(schema)
    return kind(schema, format_checker=kind.FORMAT_CHECKER)


def test_a_clean_review_and_a_failed_one_fit_the_schema(official: Any) -> None:
    checks = (Check("true", True, 0, 0.1), Check("false", False, 1, 0.1))
    for made in (
        Verified(Subject("turn 1")),
        Verified(Subject("turn 1"), checks, author="heavy", error=ProviderError("gone")),
    ):
        official.validate(json.loads(sarif(made)))


@given(some.lists(FOUND, max_size=6))
def test_any_findings_fit_the_schema(official: Any, found: list[Found]) -> None:
    official.validate(json.loads(sarif(Verified(Subject("turn 1"), findings=tuple(found)))))


def test_the_schema_takes_no_other_level(official: Any) -> None:
    found = Found("t", "a.py", 1, 1, "fatal", "r", "m")  # type: ignore[arg-type]
    with pytest.raises(jsonschema.ValidationError):
        official.validate(json.loads(sarif(Verified(Subject("t"), findings=(found,)))))
