"""Run something that must not be torn in two by Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


def shielded(act: Callable[[], T]) -> T:
    """`act()` in a thread of its own, to its end; a `KeyboardInterrupt` meanwhile is raised after.

    Only the main thread is interrupted by a signal, so the work itself never is.
    """
    done: Future[T] = Future()

    def run() -> None:
        try:
            done.set_result(act())
        except BaseException as error:  # noqa: BLE001 - handed on to the caller as it is
            done.set_exception(error)

    thread = Thread(target=run, name="spark-writer")
    thread.start()
    interrupted: KeyboardInterrupt | None = None
    while thread.is_alive():
        try:
            thread.join()
        except KeyboardInterrupt as error:
            interrupted = error
    if interrupted is not None:
        raise interrupted
    return done.result()
