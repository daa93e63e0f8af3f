"""Archives that are open in this process, so that what is unpickled shares them: one for each file and its options.

Contigs that come to a process one by one, as the tasks of a pool do, would each open the archive anew otherwise, and
begin with nothing decoded.
"""

from __future__ import annotations

import os
import threading
from weakref import WeakValueDictionary

from .handle import Handle, effective_limit, identity_of, opened

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .handle import Identity, Options

#: Archives that were opened here and stay open when nobody uses them: between one task of a pool and the next.
KEPT = 2


class Shelf:
    """Archives that are open, by what they are read from, its identity and the options. Any thread may use it."""

    def __init__(self) -> None:
        # Handlers of signals and finalizers may come here from within.
        self._lock = threading.RLock()
        self._open: WeakValueDictionary[object, Handle] = WeakValueDictionary()
        self._turns: WeakValueDictionary[object, threading.RLock] = WeakValueDictionary()
        #: Those that were opened here, the last one used at the end.
        self._kept: list[Handle] = []

    def put(self, handle: Handle, options: Options) -> None:
        """Let what is unpickled share what somebody has opened.

        Not so behind a URL: a file is looked at whenever something is unpickled, but a server is asked once, by whoever
        unpickles first, and may have another file than the one that was opened.
        """
        if handle.source is not None:
            return
        key = _key(handle.place, handle.identity, options)
        # A lock in it may be held for ever where another thread held it when this process was forked.
        if key is not None and handle.pid == os.getpid():
            with self._lock:
                self._open.setdefault(key, handle)

    def get(self, place: object, told: Identity | None, options: Options) -> Handle:
        """Return what is open, or open it.

        Parameters
        ----------
        place
            Absolute path of a file, a URL, or an object.
        told
            Version of what was there when it was pickled. A file is looked at instead.
        options
            What it is opened with.
        """
        identity: Identity | None = None
        if isinstance(place, str):
            if "://" not in place:
                identity = identity_of(place)
            elif told is not None:
                identity = (place, *told)
        key = None if identity is None else _key(place, identity, options)
        if key is None:
            return opened(place, options)
        handle = self._find(key)
        if handle is None:
            with self._turn(key):
                handle = self._find(key) or self._opened(key, place, options)
        return handle

    def drop(self, handle: Handle) -> None:
        """Keep it open no longer than others use it."""
        with self._lock:
            self._kept = [kept for kept in self._kept if kept is not handle]

    def _turn(self, key: object) -> threading.RLock:
        """Return what only one thread has that opens this."""
        with self._lock:
            turn = self._turns.get(key)
            if turn is None:
                turn = self._turns[key] = threading.RLock()
            return turn

    def _find(self, key: object) -> Handle | None:
        with self._lock:
            handle = self._open.get(key)
            if handle is None or handle.stale:
                return None
            if handle in self._kept:
                self._keep(handle)
            return handle

    def _opened(self, key: object, place: object, options: Options) -> Handle:
        handle = opened(place, options)
        with self._lock:
            # What is behind a URL may be another file by now. It stands for the one that is gone.
            if handle.source is not None:
                self._open[key] = handle
            self._open[_key(place, handle.identity, options)] = handle
            self._keep(handle)
        return handle

    def _keep(self, handle: Handle) -> None:
        self._kept = [*(kept for kept in self._kept if kept is not handle and not kept.stale), handle][-KEPT:]


def _key(place: object, identity: Identity, options: Options) -> object:
    """Return what is the same for what may be shared; None if it cannot be told."""
    if not isinstance(place, str):
        return None
    limit = effective_limit(options.get("memory_limit"))
    key = place, identity, limit, _frozen({**options, "memory_limit": None})
    try:
        hash(key)
    except TypeError:
        return None
    return key


def _frozen(value: object) -> object:
    if isinstance(value, dict):
        given = ((str(name), _frozen(one)) for name, one in value.items() if one is not None and one is not False)
        return tuple(sorted(given))
    if isinstance(value, (list, tuple)):
        return tuple(_frozen(one) for one in value)
    return value


#: The one of this process.
shelf = Shelf()


def _begin_anew() -> None:
    """Share nothing with the process that this one was forked from: it may be at work with it."""
    global shelf
    shelf = Shelf()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)
