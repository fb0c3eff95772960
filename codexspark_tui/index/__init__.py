"""What is in the repository: paths, words, symbols, history; and what a prompt is about in it.

True here: the index is a cache. Nothing of it is sent anywhere, everything in it can be made again,
and no answer of its is trusted for content: who shows a file reads it. tree-sitter (by syntax/) is
loaded by the worker processes, and here only for a few files that have just changed.
"""
