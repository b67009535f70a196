"""Keeps the process small: one heap for all its threads, and what starting up has left behind given back."""

from __future__ import annotations

import ctypes
import gc

_ARENA_MAX = -8  # mallopt(3), M_ARENA_MAX


def one_heap() -> None:
    """Before any thread starts: glibc would give each thread a heap of its own. Elsewhere than on glibc, nothing."""
    try:
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)
    except AttributeError:
        return


def give_back() -> None:
    """After the start: garbage of imports goes, and free pages go back to the machine."""
    gc.collect()
    gc.freeze()  # what lives now lives for ever: not to be looked through again and again
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except AttributeError:
        return
