"""Tools for a model that cannot call any: it writes a fenced block, and reads the result.

    ```spark:read
    {"path": "src/a.py", "first": 10, "last": 30}
    ```

Only blocks that begin at the margin and hold one JSON object count. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from codexspark_tui.providers.model import Tool, ToolCall

_BLOCK = re.compile(r"^```spark:(\w+)[ \t]*\r?\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
_LEAD = """\
You can look things up and try things out before you answer. To do so, end your answer with fenced \
blocks of this form, and nothing after them; the results come as the next message:

```spark:NAME
{"argument": "value"}
```

The names, with JSON Schemas of their arguments:
"""


def described(tools: Sequence[Tool]) -> str:
    """What the model is told of its tools."""
    return _LEAD + "\n".join(f"- {t.name}: {t.description} {t.schema}" for t in tools if t.schema)


def calls_in(text: str) -> list[ToolCall]:
    """The calls that an answer ends with, in their order."""
    found = [
        ToolCall(f"text-{number}", match[1], match[2].strip())
        for number, match in enumerate(_BLOCK.finditer(text), 1)
    ]
    return found if found and not _BLOCK.sub("", text[text.find("```spark:") :]).strip() else []


def answered(results: Sequence[tuple[ToolCall, str]]) -> str:
    """The next message: each result under the call that it belongs to."""
    return "\n\n".join(f"Result of {call.name} {call.arguments}:\n{said}" for call, said in results)
