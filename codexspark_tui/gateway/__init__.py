"""gateway/: the face of `spark serve`: any provider behind the wire of the Responses API.

It translates what comes over a socket into a `Request`, and `ModelEvent`s into what goes out. It
never writes to a file and knows nothing of review; starlette and uvicorn are imported here only.
"""
