"""The health of a ledger and what keeps it small: looking, pruning, repairing."""

from __future__ import annotations

import shutil

from codexspark_tui.errors import WriteFailed
from codexspark_tui.workspace import lock
from codexspark_tui.workspace.ledger import Ledger
from codexspark_tui.workspace.values import Health


def health_of(ledger: Ledger) -> Health:
    """How the ledger is; reads the whole file. Makes nothing."""
    folder = ledger.folder
    while not folder.is_dir():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if not ledger.exists():
        return Health(str(ledger.db.path), False, 0, free)
    size = sum(p.stat().st_size for p in ledger.folder.iterdir())
    held_by = lock.owner(ledger.folder / "lock")
    try:
        said = str(ledger.db.value("PRAGMA quick_check"))
        wrong, waiting = "" if said == "ok" else said, len(ledger.pending())
    except WriteFailed as error:
        wrong, waiting = error.title, 0
    return Health(str(ledger.db.path), True, size, free, wrong, waiting, held_by)
