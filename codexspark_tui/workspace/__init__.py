"""workspace/: the working tree that is edited, and the ledger of what was written to it."""
