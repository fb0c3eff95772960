"""Where proposed changes belong in the files of one turn, as those are and as they will be.

`Desk` is the door. `files` and `texts` know the files, `drafts` the text that hunks are placed in,
`carrier` follows hunks over other edits, `placed` and `whole` find where each change belongs.
Files are read here and never written; nothing is decided here.
"""
