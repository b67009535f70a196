"""Rendered samples as training takes them: worker processes draw whole batches, handed out in their order."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from queue import Empty, Full

import numpy as np

Batch = dict[str, np.ndarray]
AHEAD = 3  # batches each worker may be in front
LOOKED_AFTER_S = 1.0  # a worker that gives nothing


class Batches:
    """Batches first, first + 1, ... drawn by `workers` processes; leaving the `with` ends them.

    draw  what makes batch number n; a plain function, so that a new process finds it
    """

    def __init__(self, draw: Callable[[int], Batch], first: int, workers: int) -> None:
        context = multiprocessing.get_context("spawn")  # a fork would copy torch's threads, half alive
        self._queues = [context.Queue(AHEAD) for _ in range(workers)]
        self._workers = [
            context.Process(target=_draw_on, args=(draw, first + place, workers, queue), daemon=True)
            for place, queue in enumerate(self._queues)
        ]

    def __enter__(self) -> Iterator[Batch]:
        for worker in self._workers:
            worker.start()
        return self._in_turn()

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.terminate()
            worker.join()
        for queue in self._queues:
            queue.cancel_join_thread()
            queue.close()

    def _in_turn(self) -> Iterator[Batch]:
        while True:
            for worker, queue in zip(self._workers, self._queues, strict=True):
                yield _next(worker, queue)


def _next(worker: multiprocessing.Process, queue: multiprocessing.Queue) -> Batch:
    while True:
        alive = worker.is_alive()
        try:
            return queue.get(timeout=LOOKED_AFTER_S)
        except Empty:
            if not alive:
                raise RuntimeError("a process that draws samples has ended; what it said stands above") from None


def _draw_on(draw: Callable[[int], Batch], number: int, step: int, queue: multiprocessing.Queue) -> None:
    import cv2

    cv2.setNumThreads(1)
    parent = multiprocessing.parent_process()
    while True:
        made = draw(number)
        while True:
            try:
                queue.put(made, timeout=LOOKED_AFTER_S)
                break
            except Full:
                if parent is None or not parent.is_alive():
                    return
        number += step
