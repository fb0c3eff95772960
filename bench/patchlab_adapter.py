"""Applies one patch a line: JSON cases on stdin, JSON results on stdout.

In:  {"id", "patch", "files": {path: text}, "modes": {path: mode}}
Out: {"id", "ok": true, "files", "modes", "ms"} or {"id", "ok": false, "error", "ms"}
"""

from __future__ import annotations

import gc
import json
import sys
import time

from codexspark_tui.patch.whole import Applied, apply_patch


def main() -> None:
    gc.disable()  # as the product does while an answer streams; collected between cases
    for number, line in enumerate(sys.stdin):
        if number % 50 == 0:
            gc.collect()
        case = json.loads(line)
        start = time.perf_counter()
        outcome = apply_patch(case["patch"], case["files"], case["modes"])
        ms = (time.perf_counter() - start) * 1e3
        if isinstance(outcome, Applied):
            result = {"ok": True, "files": dict(outcome.files), "modes": dict(outcome.modes)}
        else:
            result = {"ok": False, "error": f"{outcome.path}: {outcome.why}"}
        sys.stdout.write(json.dumps({"id": case["id"], **result, "ms": ms}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
