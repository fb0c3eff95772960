"""What the ledger tells of turns: which there are, and which an undo or a redo without a selector
means. Reading only."""

from __future__ import annotations

import os
from typing import Any

from codexspark_tui.workspace.ledger import IN_ORDER, LATEST, Ledger
from codexspark_tui.workspace.rows import RECORD_COLUMNS, Record, to_record
from codexspark_tui.workspace.values import TurnEntry


def newest_turns(ledger: Ledger, limit: int) -> list[TurnEntry]:
    """The newest turns, the newest first."""
    rows = ledger.db.rows(
        "SELECT number, key, at, prompt, provider, model FROM turn WHERE tree = ?"
        " ORDER BY number DESC LIMIT ?",
        (ledger.tree(), limit),
    )
    return [_turn_entry(ledger, *row) for row in rows]


def turns_after(ledger: Ledger, number: int) -> list[int]:
    """The numbers of the turns after this one."""
    query = "SELECT number FROM turn WHERE tree = ? AND number > ? ORDER BY number"
    return [found for (found,) in ledger.db.rows(query, (ledger.tree(), number))]


def last_applied(ledger: Ledger) -> int | None:
    """The newest turn of which something is applied."""
    query = "SELECT number FROM turn WHERE tree = ? ORDER BY number DESC"
    applied = f"SELECT 1 {LATEST} AND turn.number = ? AND batch.verb <> 'undo' LIMIT 1"
    for (number,) in ledger.db.rows(query, (ledger.tree(),)):
        if ledger.db.rows(applied, (ledger.tree(), number)):
            return int(number)
    return None


def last_left(ledger: Ledger, path: str) -> str:
    """The digest of the file as the newest batch that touched it left it; "" where none did."""
    found: bytes | None = ledger.db.value(
        "SELECT step.after FROM step JOIN batch ON batch.id = step.batch"
        " WHERE batch.tree = ? AND step.path = ? ORDER BY batch.id DESC, step.number DESC LIMIT 1",
        (ledger.tree(), os.fsencode(path)),
    )
    return found.hex() if found else ""


def last_undone(ledger: Ledger) -> list[Record]:
    """What the newest undo took back, as far as it still is; empty where nothing is."""
    query = "SELECT id FROM batch WHERE tree = ? AND verb = 'undo' ORDER BY id DESC"
    latest = f"SELECT {RECORD_COLUMNS} {LATEST} AND mark.batch = ? {IN_ORDER}"
    for (batch,) in ledger.db.rows(query, (ledger.tree(),)):
        rows = ledger.db.rows(latest, (ledger.tree(), batch))
        if rows:
            return [to_record(row) for row in rows]
    return []


def _turn_entry(ledger: Ledger, number: int, *turn: Any) -> TurnEntry:
    query = f"SELECT mark.path, batch.verb, change.author {LATEST} AND turn.number = ? {IN_ORDER}"
    rows = ledger.db.rows(query, (ledger.tree(), number))
    files = dict.fromkeys(os.fsdecode(path) for path, _, _ in rows)
    applied = sum(verb != "undo" for _, verb, _ in rows)
    key, at, prompt, provider, model = turn
    by = model or provider
    authors = tuple(dict.fromkeys(author or by for *_, author in rows)) or (by,)
    counted = (len(rows), applied, tuple(files))
    return TurnEntry(number, key, at, prompt, provider, model, *counted, authors=authors)
