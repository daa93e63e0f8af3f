"""What reads an archive by ranges."""

from __future__ import annotations

#: Bytes at the end of an archive that are fetched at once, before anything is known: the registry of streams, and what
#: stands before it as far as it goes.
TAIL = 64 << 10

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol, TypeVar

    T = TypeVar("T")

    class Source(Protocol):
        """A file of known size whose ranges can be read by any number of threads."""

        @property
        def name(self) -> str:
            """What messages call it: no passwords, no signatures."""

        @property
        def size(self) -> int:
            """Bytes of the file."""

        @property
        def tail(self) -> bytes:
            """Bytes at its end that were read on opening."""

        def read_ranges(self, ranges: list[tuple[int, int]]) -> list[bytes]:
            """Return the bytes of each range, 0-based and half-open."""


def side_by_side(work: Callable[[int], T], count: int, threads: int) -> list[T]:
    """Return ``[work(0), work(1), ...]``, done by several threads, the caller's among them.

    Threads are started for each call: that is little beside a request, and nothing is left that a fork could break.
    The first error ends the work and is raised when all threads have stopped.
    """
    if count == 1:
        return [work(0)]
    import threading

    results: dict[int, T] = {}
    errors: list[BaseException] = []
    numbers = iter(range(count))
    lock = threading.Lock()

    def run() -> None:
        while not errors:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            try:
                results[number] = work(number)
            except BaseException as error:
                errors.append(error)

    others = [threading.Thread(target=run, daemon=True) for _ in range(min(count, threads) - 1)]
    for thread in others:
        thread.start()
    run()
    for thread in others:
        thread.join()
    if errors:
        raise errors[0]
    return [results[number] for number in range(count)]
