"""events/: what crosses the line between a session and its faces, as plain frozen values.

`commands` go in, `facts` come out, `codec` is their one JSON form, `paths` the one form of a path
in them. The app, `--json`, the transcript and an editor get the same values. No futures, callbacks,
classes or widgets may come in here.
"""
