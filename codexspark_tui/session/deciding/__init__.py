"""What a person does to changes, and what comes of it: decisions that are written, work by hand,
other versions, and changes that are placed anew and shown as their files are now.

`decisions` is the one module that writes, through the workspace.
"""
