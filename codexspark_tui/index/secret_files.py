"""Which files look like secrets and are therefore never sent to a model. Pure.

By name first, then by what is in them. It is better to hold back too much: what was held back is
named, and the person can paste what the model must know.
"""

from __future__ import annotations

import re

_NAMES = re.compile(
    r"""(?ix)
    \.env(\..+|rc)? | .+\.env
    | .+\.(pem|key|p12|pfx|jks|keystore|kdbx|ppk|asc|gpg|ovpn)
    | id_(rsa|dsa|ecdsa|ed25519)(_.*)?
    | \.?(netrc|pgpass|npmrc|pypirc|htpasswd|git-credentials|boto|dockercfg|vault[-_]?pass(word)?)
    | (.*[-_.])?(secrets?|credentials?|passwords?|passwd)([-_.].*)?
    | service[-_]account.*\.json | .+\.tfstate(\.backup)? | .+\.tfvars | kubeconfig | .+\.kubeconfig
    """
)
_HARMLESS = (
    *("example", "sample", "template", "dist", ".pub", ".py", ".js", ".ts", ".tsx", ".jsx", ".go"),
    *(".rs", ".java", ".c", ".h", ".cpp", ".rb", ".php", ".cs", ".kt", ".swift", ".scala", ".md"),
    *(".rst", ".html", ".css"),
)
_FOLDERS = frozenset({".ssh", ".aws", ".gnupg", ".kube", ".azure", ".docker", "secrets"})
_CONTENT = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_[A-Za-z0-9_]{40,}\b"
    r"|\bxox[abprs]-[A-Za-z0-9-]{20,}\b"
    r"|\bsk-(?:proj-|ant-|svcacct-)?[A-Za-z0-9_-]{32,}\b"
    r"|\bAIza[0-9A-Za-z_-]{35}\b"
)
# One of these is in each text that `_CONTENT` finds something in; to look for them is much faster.
_MARKS = (
    *("PRIVATE KEY", "AKIA", "ASIA", "ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
    *("github_pat_", "xox", "sk-", "AIza"),
)


def secret_by_name(path: str) -> str:
    """Why a file of this name is held back, "" if nothing speaks against it."""
    above, _, name = path.rpartition("/")
    folders = _FOLDERS.intersection(above.lower().split("/"))
    if folders - {"secrets"}:
        return "its folder holds secrets"
    if name.lower().endswith(_HARMLESS):
        return ""
    if _NAMES.fullmatch(name) or folders:
        return "its name says that it holds secrets"
    return ""


def secret_by_content(text: str) -> str:
    """Why a file with this text is held back, "" if nothing speaks against it."""
    marked = any(mark in text for mark in _MARKS)
    return "it holds something that looks like a key" if marked and _CONTENT.search(text) else ""


def without_keys(text: str) -> str:
    """The text without the lines that hold a key."""
    if not secret_by_content(text):
        return text
    lines = text.split("\n")
    return "\n".join("(held back: a key)" if secret_by_content(line) else line for line in lines)
