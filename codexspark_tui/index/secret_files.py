"""Which files look like secrets and are therefore never sent to a model. Pure.

By name first, then by what is in them. It is better to hold back too much: what was held back is
named, and the person can paste what the model must know.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

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
_HARMLESS = re.compile(
    r"(?i).*(example|sample|template|dist|\.pub)$|.*\.(py|js|ts|tsx|jsx|go|rs|java|c|h|cpp|rb|php"
    r"|cs|kt|swift|scala|md|rst|html|css)$"
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


def secret_by_name(path: str) -> str:
    """Why a file of this name is held back, "" if nothing speaks against it."""
    name = PurePosixPath(path).name
    folders = {part.lower() for part in PurePosixPath(path).parts[:-1]}
    if folders & (_FOLDERS - {"secrets"}):
        return "its folder holds secrets"
    if _HARMLESS.fullmatch(name):
        return ""
    if _NAMES.fullmatch(name) or folders & _FOLDERS:
        return "its name says that it holds secrets"
    return ""


def secret_by_content(text: str) -> str:
    """Why a file with this text is held back, "" if nothing speaks against it."""
    return "it holds something that looks like a key" if _CONTENT.search(text) else ""
