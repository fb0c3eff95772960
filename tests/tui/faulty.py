"""The app with a provider that breaks its promises: `python -m tests.tui.faulty ROOT`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, cast

from codexspark_tui.providers.scripted import ScriptedProvider
from codexspark_tui.tui.launch import Start, run_session
from codexspark_tui.workspace import Workspace


def main() -> None:
    workspace = Workspace.open(Path(sys.argv[1]))
    provider = ScriptedProvider((), name=cast("Any", 7))  # a name that cannot be painted
    try:
        run_session(workspace, provider, start=Start(kept=False))
    except AttributeError as error:
        sys.exit(f"ended by: {error}")


if __name__ == "__main__":
    main()
