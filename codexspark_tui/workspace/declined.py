"""What was proposed and not written, kept beside what was, so that the record is whole.

It is told for a turn as a whole, at its end, and again where a change is reopened later: the last
word counts. Not durable by itself; the next durable write makes it so.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Sequence

from codexspark_tui.workspace.ledger import Ledger
from codexspark_tui.workspace.rows import texts
from codexspark_tui.workspace.values import Declined, TurnInfo


def note(ledger: Ledger, turn: TurnInfo, declined: Sequence[Declined]) -> None:
    """Replace what the ledger says of the turn's declined changes."""
    with ledger.db.writing(durable=False):
        row = ledger.turn_row(turn) if declined else ledger.known_turn(turn.key)
        if row is None:
            return
        ledger.db.run("DELETE FROM declined WHERE turn = ?", (row,))
        rows = (
            (
                row,
                number,
                *texts(one.change_id, one.state),
                os.fsencode(one.path),
                *texts(one.why),
                zlib.compress(texts(one.patch)[0].encode()),
            )
            for number, one in enumerate(declined)
        )
        ledger.db.insert_all("declined", 7, rows)
        ledger.drop_empty_turns()


def of_turn(ledger: Ledger, turn: int) -> tuple[Declined, ...]:
    """What was declined in the turn of this number."""
    rows = ledger.db.rows(
        "SELECT name, declined.path, state, why, patch FROM declined"
        " JOIN turn ON turn.id = declined.turn WHERE turn.tree = ? AND turn.number = ?"
        " ORDER BY declined.number",
        (ledger.tree(), turn),
    )
    return tuple(
        Declined(
            name,
            os.fsdecode(path),
            state,
            why,
            zlib.decompress(patch).decode(),
        )
        for name, path, state, why, patch in rows
    )
