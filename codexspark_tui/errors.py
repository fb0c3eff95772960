"""Every error a person can meet, as one tree.

    SparkError                what a face prints: title, detail, next step; and the exit code
     ├─ UsageError        2   the request itself cannot be carried out as it was said
     │   ├─ NotUnderstood 2   no codemod understands the sentence and no model is connected
     │   ├─ NeedsAnswer   2   a question came up and there is no terminal to ask on
     │   └─ NoRepository  2   the folder is in no git repository
     ├─ ProviderError     3   the model or the network failed
     │   ├─ ContextTooLong 3  the request does not fit the model's window
     │   └─ ModelGone     3   the model is retired, unknown or not allowed with this key
     ├─ KeyMissing        4   no valid key
     ├─ NotPlaced         5   a patch, an undo or the product could not be put in its place
     │   ├─ PathRefused   5   a path that must not be touched (outside the root, .git, a device …)
     │   └─ WriteFailed   5   the disk, the permissions or a closed output were in the way
     ├─ LimitReached      6   a limit on cost, tokens or time
     └─ Interrupted     130   Ctrl-C

Expected outcomes inside the engine are return values (`Missing`, `Ambiguous`, `Refused`); these
classes are for what ends an action. Nothing here imports anything of ours.
"""

from __future__ import annotations


class SparkError(Exception):
    """What went wrong (`title`), the particulars (`detail`) and what to do now (`next_step`).

    `title` is one sentence without a full stop at the end of a clause list; `detail` may have
    several lines; `next_step` names a command or an action. All three are plain text.
    """

    exit_code: int = 3
    code: str = "failed"

    def __init__(self, title: str, *, detail: str = "", next_step: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.detail = detail
        self.next_step = next_step


class UsageError(SparkError):
    exit_code = 2
    code = "usage"


class NotUnderstood(UsageError):
    code = "not_understood"


class NeedsAnswer(UsageError):
    code = "needs_answer"


class NoRepository(UsageError):
    code = "no_repository"


class ProviderError(SparkError):
    exit_code = 3
    code = "provider"


class ContextTooLong(ProviderError):
    code = "context_too_long"


class ModelGone(ProviderError):
    code = "model_gone"


class KeyMissing(SparkError):
    exit_code = 4
    code = "key_missing"


class NotPlaced(SparkError):
    exit_code = 5
    code = "not_placed"


class PathRefused(NotPlaced):
    code = "path_refused"


class WriteFailed(NotPlaced):
    code = "write_failed"


class LimitReached(SparkError):
    exit_code = 6
    code = "limit_reached"


class Interrupted(SparkError):
    exit_code = 130
    code = "interrupted"
