"""Which tests speak of a name: said beside a codemod that changes it."""

from __future__ import annotations

from pathlib import Path

from codexspark_tui.errors import SparkError
from codexspark_tui.git import grep_words
from codexspark_tui.index.kinds import is_test

GREP_TIMEOUT_S = 2.0


def tests_that_mention(root: Path, name: str) -> list[str]:
    """Test files that hold `name` as a word, by what the tree holds now."""
    try:
        found = grep_words(root, [name], timeout_s=GREP_TIMEOUT_S)[name]
    except SparkError:
        return []
    return [path for path in found if is_test(path)]
