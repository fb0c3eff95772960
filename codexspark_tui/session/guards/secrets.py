"""Keys and passwords in added lines. Only what has the form of a real one, and was not there."""

from __future__ import annotations

import math
import re
from collections import Counter

from codexspark_tui.session.guards.subject import Found, Subject

_FORMS = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Za-z0-9])|gh[pousr]_[A-Za-z0-9]{36,}"
    r"|github_pat_[A-Za-z0-9_]{60,}|glpat-[A-Za-z0-9_-]{20,}|xox[abprs]-[0-9A-Za-z-]{20,}"
    r"|sk-(?:proj-|ant-)?[A-Za-z0-9_-]{24,}|[sr]k_live_[A-Za-z0-9]{20,}"
    r"|AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])|npm_[A-Za-z0-9]{36}|pypi-AgEI[A-Za-z0-9_-]{40,}"
    r"|eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{16,})"
    r"|-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----(?![\"'`])[\\\w/+=]*"
    r"|://[^/\s:@'\"$<{]+:(?P<inurl>[^/\s:@'\"$<{]{6,})@[A-Za-z0-9.-]+"
)
_NAMED = re.compile(  # what stands before the word in a name is not read: that takes its square
    r"(?i)(?<![a-z])(?:password|passwd|pwd|secret|secret[_-]?key|token|api[_-]?key"
    r"|access[_-]?key|auth[_-]?token|client[_-]?secret|private[_-]?key)[\"']?\s*(?:=|:|=>)\s*"
    r"(?P<quote>[\"'`])(?P<value>[^\"'`\s]{8,})(?P=quote)"
)
_TOLD = re.compile(r"(?i)secret|passw|\bpass\b")  # a password in a URL that says that it is one
_HARMLESS = re.compile(
    r"(?i)example|placeholder|change[_-]?me|dummy|sample|your[_-]|x{4,}|\*{3,}|\.\.\.|<|\$|\{\{?|%\("
    r"|^(?:os\.|env|process\.|secret|password|token|api[_-]?key)|redacted|fake|test|(.)\1{5,}"
    r"|\[\^?\\?\w-\w|\\[dwsDWS][*+{\])]"  # a pattern
)
ENTROPY_BITS = 3.0


def secrets(subject: Subject) -> list[Found]:
    there = subject.before or ""
    lines = []
    for index, text in subject.added():
        found = _secret_in(text)
        if found and found not in there:
            lines.append(index)
    if not lines:
        return []
    return [Found("secrets", "it adds what looks like a key or a password", tuple(lines))]


def _secret_in(text: str) -> str:
    for form in _FORMS.finditer(text):
        inurl = form["inurl"] or ""
        if not (_HARMLESS.search(inurl or form.group()) or _TOLD.search(inurl)):
            return form.group()
    for named in _NAMED.finditer(text):
        value = named["value"]
        mixed = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
        if mixed and not _HARMLESS.search(value) and _entropy(value) >= ENTROPY_BITS:
            return value
    return ""


def _entropy(value: str) -> float:
    """Shannon's, in bits a character."""
    many = len(value)
    return -sum(n / many * math.log2(n / many) for n in Counter(value).values())
