"""The training loop: draws, learns, scores, tells how far it is, and can be broken off and taken up again."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from edge.vision.training.learning.batches import Batch, Batches

WARM_UP = 0.02  # share of the samples over which the rate of learning rises
AVERAGED = 0.999  # of the running mean of weights, which is what is scored and exported
TOLD_EVERY_S = 15.0


class Drawing(Protocol):
    """Draws batch number n, of `size` pictures; goes to other processes, so it holds nothing but numbers."""

    size: int

    def __call__(self, number: int) -> Batch: ...


class Task(Protocol):
    """What is learnt; see reader_task and detector_task.

    name     of the network and its files
    measure  what its score is a share of
    drawing  what it learns from; checks: what it is scored on, of another seed
    """

    name: str
    measure: str
    drawing: Drawing
    checks: Drawing

    def network(self) -> nn.Module: ...

    def vary(self, batch: Batch, number: int) -> Batch: ...

    def loss(self, network: nn.Module, batch: dict[str, Tensor]) -> Tensor: ...

    def score(self, network: nn.Module, batches: list[Batch]) -> tuple[float, dict[str, tuple[int, int]]]: ...


@dataclass(frozen=True, slots=True)
class Course:
    """How long and how fast.

    folder    the state of the training is kept there, and found again
    batches   in all
    rate      of learning, at its highest
    workers   processes that draw
    repeats   times each drawn batch is learnt from, varied anew
    save_s    seconds between two states written
    check     batches of another seed that it is scored on now and then; twice as many at the end
    """

    folder: Path
    batches: int
    rate: float
    workers: int
    repeats: int = 1
    save_s: float = 120.0
    check: int = 8


@dataclass(slots=True)
class State:
    """Everything that a training needs to go on."""

    network: nn.Module
    mean: nn.Module
    optimiser: torch.optim.Optimizer
    done: int = 0
    score: float = 0.0

    def save(self, path: Path) -> None:
        """All of it or nothing: a training that is killed while it writes goes on from the state before."""
        part = path.with_suffix(".part")
        kept = {
            "network": self.network.state_dict(), "mean": self.mean.state_dict(),
            "optimiser": self.optimiser.state_dict(), "done": self.done, "score": self.score,
        }  # fmt: skip
        with part.open("wb") as file:
            torch.save(kept, file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)

    def load(self, path: Path) -> None:
        kept = torch.load(path, map_location=next(self.network.parameters()).device, weights_only=True)
        self.network.load_state_dict(kept["network"])
        self.mean.load_state_dict(kept["mean"])
        self.optimiser.load_state_dict(kept["optimiser"])
        self.done, self.score = kept["done"], kept["score"]


def begin(task: Task, course: Course, device: torch.device) -> State:
    """The state that the folder holds, else a fresh one."""
    network = task.network().to(device)
    if device.type == "cpu":
        network = network.to(memory_format=torch.channels_last)
    mean = task.network().to(device)
    mean.load_state_dict(network.state_dict())
    mean.eval()
    optimiser = torch.optim.AdamW(network.parameters(), lr=course.rate, weight_decay=0.01)
    state = State(network, mean, optimiser)
    course.folder.mkdir(parents=True, exist_ok=True)
    path = course.folder / f"{task.name}.pt"
    if path.exists():
        state.load(path)
        print(f"goes on after batch {state.done} of {course.batches}", file=sys.stderr)
    return state


def train(task: Task, course: Course, device: torch.device) -> State:
    """Learns to the end of the course; an interrupt leaves the state as of the last batch."""
    state = begin(task, course, device)
    path = course.folder / f"{task.name}.pt"
    fast = torch.autocast(device.type, torch.bfloat16)
    checks = [task.checks(number) for number in range(course.check)]
    telling = Telling(task, course, state)
    saved = time.monotonic()
    try:
        with Batches(task.drawing, state.done // course.repeats, course.workers) as drawn:
            while state.done < course.batches:
                batch = next(drawn)
                for _ in range(course.repeats):
                    varied = task.vary(batch, state.done)
                    for group in state.optimiser.param_groups:
                        group["lr"] = course.rate * pace(state.done / course.batches)
                    telling.learnt(_learn(task, state, varied, fast, device))
                    state.done += 1
                if time.monotonic() - saved > course.save_s:
                    state.score, kinds = task.score(state.mean, checks)
                    telling.scored(state.score, kinds)
                    state.save(path)
                    saved = time.monotonic()
    finally:
        state.score, kinds = task.score(state.mean, checks)
        telling.scored(state.score, kinds)
        state.save(path)
    return state


def _learn(task: Task, state: State, batch: Batch, fast: torch.autocast, device: torch.device) -> float:
    tensors = {name: torch.from_numpy(array).to(device) for name, array in batch.items() if array.dtype.kind in "fiub"}
    state.network.train()
    with fast:
        loss = task.loss(state.network, tensors)
    state.optimiser.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(state.network.parameters(), 5.0)
    state.optimiser.step()
    follow = min(AVERAGED, (1 + state.done) / (20 + state.done))
    with torch.no_grad():
        for kept, new in zip(state.mean.state_dict().values(), state.network.state_dict().values(), strict=True):
            if kept.dtype.is_floating_point:
                kept.lerp_(new, 1 - follow)
            else:
                kept.copy_(new)
    return float(loss.detach())


def pace(share: float) -> float:
    """The rate of learning as a share of its highest: a rise, then half a cosine down."""
    if share < WARM_UP:
        return (share + 0.001) / (WARM_UP + 0.001)
    return 0.01 + 0.99 * 0.5 * (1 + float(np.cos(np.pi * min(1.0, (share - WARM_UP) / (1 - WARM_UP)))))


class Telling:
    """Says how far it is."""

    def __init__(self, task: Task, course: Course, state: State) -> None:
        self._task, self._course, self._state = task, course, state
        self._begun, self._before = time.monotonic(), state.done
        self._told, self._losses = self._begun, []

    def learnt(self, loss: float) -> None:
        self._losses.append(loss)
        now = time.monotonic()
        if now - self._told < TOLD_EVERY_S:
            return
        done = self._state.done + 1
        each = (now - self._begun) / (done - self._before)
        left = each * (self._course.batches - done) / 60
        mean = sum(self._losses) / len(self._losses)
        print(
            f"{self._task.name}: batch {done} of {self._course.batches}, loss {mean:.3f}, "
            f"{each * 1000:.0f} ms a batch, {left:.0f} min left",
            file=sys.stderr, flush=True,
        )  # fmt: skip
        self._told, self._losses = now, []

    def scored(self, share: float, kinds: dict[str, tuple[int, int]]) -> None:
        told = ", ".join(f"{kind} {right}/{of}" for kind, (right, of) in kinds.items())
        print(f"{self._task.name}: {self._task.measure}: {100 * share:.1f} % ({told})", file=sys.stderr, flush=True)
