"""The source of a measured stream: a process of its own that says numbered lines over a socket.

Run as `python -m codexspark_tui.tui.bench_source SOCKET KIND LINES@RATE…`. A line has 10 tokens of
4 characters; RATE is in tokens a second, 0 as fast as the socket takes them. After the first line
it waits for a line on stdin. At the end, stdout gets the time at which each line had been sent, in
seconds of the monotonic clock. Of the kind "turns" it answers again and again, with one small file.
"""

from __future__ import annotations

import socket
import sys
import time

TOKENS_IN_LINE = 10
FILE_LINES = 10


def line(number: int, kind: str) -> str:
    """A line of 40 characters that can be found on the screen by its number.

    Of the kind "files", every tenth line begins a new file.
    """
    if kind == "files" and number % FILE_LINES == 0:
        return f"--- /dev/null\n+++ b/made/{number:06}.txt\n@@ -0,0 +1 @@\n+{number}\n"
    sign = "" if kind == "prose" else "+"
    return f"{sign}~{number:06}~ words of this answer go on.".ljust(39)[:39] + "\n"


def head(kind: str) -> str:
    return "--- /dev/null\n+++ b/measured.txt\n@@ -0,0 +1 @@\n" if kind == "diff" else ""


def main() -> None:
    path, kind, *said = sys.argv[1:]
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen(1)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    if kind == "turns":
        _answer_each(server)
    connection, _ = server.accept()
    connection.sendall(head(kind).encode())
    sent = _send(connection, kind, [tuple(map(float, phase.split("@"))) for phase in said])
    connection.close()
    sys.stdout.write(" ".join(f"{at:.6f}" for at in sent) + "\n")
    sys.stdout.flush()


def _send(connection: socket.socket, kind: str, phases: list[tuple[float, ...]]) -> list[float]:
    connection.sendall(line(0, kind).encode())
    sent = [time.monotonic()]
    sys.stdin.readline()
    for lines, rate in phases:
        begun = time.monotonic()
        for n in range(int(lines) - (len(sent) == 1)):
            if rate:
                due = begun + (n + 1) * TOKENS_IN_LINE / rate
                while (left := due - time.monotonic()) > 0:
                    _wait(left)
            connection.sendall(line(len(sent), kind).encode())
            sent.append(time.monotonic())
    return sent


def _answer_each(server: socket.socket) -> None:
    """Until the end of the process: for each that connects some prose and a hunk of 50 lines."""
    number = 0
    while True:
        connection, _ = server.accept()
        rows = "".join(f"+row {n} of it\n" for n in range(50))
        name = f"no/such/{number:06}.txt"
        text = "Some words of an answer.\n" * 3
        text += f"--- a/{name}\n+++ b/{name}\n@@ -1,1 +1,51 @@\n a line\n{rows}"
        connection.sendall(text.encode())
        connection.close()
        number += 1


def _wait(seconds: float) -> None:
    import select

    select.select([], [], [], seconds)


if __name__ == "__main__":
    main()
