"""The health of a ledger: looking at it, and repairing it when the person asks for that."""

from __future__ import annotations

import shutil
import time
from contextlib import suppress

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
        said = str(ledger.db.value("PRAGMA integrity_check(3)"))
        wrong, waiting = "" if said == "ok" else " ".join(said.split()), len(ledger.pending())
    except WriteFailed as error:
        wrong, waiting = error.title, 0
    return Health(str(ledger.db.path), True, size, free, wrong, waiting, held_by)


def repair(ledger: Ledger) -> list[str]:
    """Mend what can be mended, with the lock held; a sentence for each. Raises `OSError`.

    It is built anew from its rows. What is damaged beyond that is moved beside, never deleted:
    undo then begins with the next change.
    """
    if not ledger.exists():
        return []
    said = _closed_to_others(ledger)
    if not health_of(ledger).wrong:
        return said
    with suppress(WriteFailed):
        with ledger.db.writing(durable=True):
            ledger.db.run("REINDEX")
        ledger.db.shrink()
        if not health_of(ledger).wrong:
            return [*said, "The ledger was damaged; it is built anew, and nothing of it is lost."]
    ledger.close()
    aside = ledger.db.set_aside(time.strftime("%Y%m%d-%H%M%S"))
    return [
        *said,
        f"The ledger was damaged and was moved to {aside}; undo begins with the next change.",
    ]


def _closed_to_others(ledger: Ledger) -> list[str]:
    """The ledger's files are for their owner alone."""
    open_to_others = [
        path for path in (ledger.folder, *ledger.folder.iterdir()) if path.stat().st_mode & 0o077
    ]
    for path in open_to_others:
        path.chmod(path.stat().st_mode & 0o700)
    return ["The ledger could be read by others; now it cannot."] if open_to_others else []
