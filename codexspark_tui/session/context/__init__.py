"""What goes with a prompt: what the person named, what the index finds, and what was left out.

`model` has the values and the protocol, `choosing` the one that chooses; the session knows these
two and the shelf. Files are read through the workspace only.
"""
