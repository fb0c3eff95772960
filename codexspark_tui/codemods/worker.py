"""The worker process: one request on stdin, one answer on stdout, then it ends.

Started by `client` so that the repository's own modules can never be imported. Whatever a library
prints goes to stderr, which nobody shows to a person.
"""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Reads to the end of stdin, answers on what was stdout. A crash is seen by its exit code."""
    answers = os.dup(1)
    os.dup2(2, 1)
    sys.setrecursionlimit(10_000)
    from codexspark_tui.codemods.engine import propose
    from codexspark_tui.codemods.wire import decode_request, encode_answer

    request, project = decode_request(sys.stdin.buffer.read())
    answer = encode_answer(propose(request, project))
    with os.fdopen(answers, "wb") as out:
        out.write(answer)


if __name__ == "__main__":
    main()
