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

        @property
        def bundles(self) -> bool:
            """Whether several ranges are one request."""

        def read_ranges(self, ranges: list[tuple[int, int]], given_up: Callable[[], bool] = ...) -> list[bytes]:
            """Return the bytes of each range, 0-based and half-open.

            `given_up` is called now and then by the caller's thread. When it returns True, nobody wants the bytes.
            """


def never() -> bool:
    """Return False: what is asked for is wanted until it is there."""
    return False


#: How often who waits looks whether that is still wanted, in seconds.
_PATIENCE = 0.05


def side_by_side(work: Callable[[int], T], count: int, threads: int, given_up: Callable[[], bool] = never) -> list[T]:
    """Return ``[work(0), work(1), ...]``, done by several threads, while the caller's waits.

    Threads are started for each call: that is little beside a request, and nothing is left that a fork could break.
    The first error ends the work and is raised when all threads have stopped. Ctrl-C ends the waiting at once, and so
    does `given_up`: then each thread ends with the request that it is at, and nobody hears of it.

    Raises
    ------
    InterruptedError
        If `given_up` says so.
    """
    if count == 0:
        return []
    import threading

    results: dict[int, T] = {}
    errors: list[BaseException] = []
    numbers = iter(range(count))
    lock = threading.Lock()
    working = min(count, threads)
    done = threading.Event()

    def run() -> None:
        nonlocal working
        while True:
            with lock:
                number = None if errors else next(numbers, None)
                if number is None:
                    working -= 1
                    if working == 0:
                        done.set()
                    return
            try:
                results[number] = work(number)
            except BaseException as error:
                errors.append(error)

    try:
        for _ in range(working):
            threading.Thread(target=run, daemon=True).start()
        while not done.wait(_PATIENCE):
            if given_up():
                raise InterruptedError("nobody waits for these bytes any more")
    except BaseException as error:
        errors.append(error)
        raise
    if errors:
        raise errors[0]
    return [results[number] for number in range(count)]
