"""The source of a measured stream: a process of its own that says numbered lines over a socket.

Run as `python -m codexspark_tui.tui.bench_source SOCKET LINES RATE KIND`. A line has 10 tokens of 4
characters; RATE is in tokens a second, 0 as fast as the socket takes them. After the first line it
waits for a line on stdin. At the end, stdout gets the time at which each line had been sent, in
seconds of the monotonic clock.
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
    path, lines, rate, kind = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen(1)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    connection, _ = server.accept()
    connection.sendall(head(kind).encode())
    connection.sendall(line(0, kind).encode())
    sent = [time.monotonic()]
    sys.stdin.readline()
    began = time.monotonic()
    for number in range(1, lines):
        if rate:
            due = began + number * TOKENS_IN_LINE / rate
            while (left := due - time.monotonic()) > 0:
                _wait(left)
        connection.sendall(line(number, kind).encode())
        sent.append(time.monotonic())
    connection.close()
    sys.stdout.write(" ".join(f"{at:.6f}" for at in sent) + "\n")
    sys.stdout.flush()


def _wait(seconds: float) -> None:
    import select

    select.select([], [], [], seconds)


if __name__ == "__main__":
    main()
