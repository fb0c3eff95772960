"""codemods/: deterministic edits made by refactoring libraries, as an answer to a request."""
