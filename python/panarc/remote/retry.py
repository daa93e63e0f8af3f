"""When a request is made again, and after how long."""

from __future__ import annotations

import random
from time import sleep

#: Longest pause before a request is made again, in seconds, also where a server asks for more.
LONGEST_PAUSE = 30.0

#: Statuses that may be another the next time.
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})


class Attempts:
    """Pauses between the attempts of one request: each up to twice as long as the one before, and never quite the same.

    Parameters
    ----------
    retries
        How often a request is made again at most.
    first
        Longest first pause, in seconds.
    """

    def __init__(self, retries: int, first: float = 0.2) -> None:
        self.left = retries
        self._pause = first

    def again(self, wished: float | None = None) -> bool:
        """Wait, and return True; or return False at once if there were enough attempts.

        Parameters
        ----------
        wished
            Seconds that the server asked to wait, if it did.
        """
        if self.left <= 0:
            return False
        self.left -= 1
        # Clients that failed together must not come back together.
        pause = self._pause * random.uniform(0.5, 1.0)
        self._pause *= 2
        sleep(min(LONGEST_PAUSE, max(pause, wished or 0.0)))
        return True
