"""A finished network as ONNX, calibrated, and the card that says how it came about and what it scores."""

from __future__ import annotations

import json
import subprocess
import warnings
from pathlib import Path

import numpy as np
import torch

from edge.vision.training.learning.loop import Course, State, Task

OPSET = 17
EXAMPLES = {"detector": (1, 480, 640, 3), "reader": (1, 64, 128, 3)}
NAMES = {"detector": (["picture"], ["cells"]), "reader": (["crops"], ["steps", "whole"])}
FREE = {
    "detector": {"picture": {1: "height", 2: "width"}, "cells": {1: "rows", 2: "columns"}},
    "reader": {"crops": {0: "crops"}, "steps": {0: "crops"}, "whole": {0: "crops"}},
}


def export(task: Task, state: State, course: Course, seed: int, out: Path) -> Path:
    """Writes `out`/NAME.onnx and NAME.json, its card; returns the first."""
    out.mkdir(parents=True, exist_ok=True)
    network = state.mean.cpu().eval()
    if task.name == "reader":
        network.temperature = calibrated(network, [task.checks(1000 + at) for at in range(course.check)])
    score, kinds = task.score(network, [task.checks(2000 + at) for at in range(2 * course.check)])
    path, part = out / f"{task.name}.onnx", out / f"{task.name}.onnx.part"
    inputs, outputs = NAMES[task.name]
    with warnings.catch_warnings():  # the older exporter is meant: what the newer one writes not every engine runs
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            network, (torch.zeros(EXAMPLES[task.name], dtype=torch.uint8),), str(part), opset_version=OPSET,
            input_names=inputs, output_names=outputs, dynamic_axes=FREE[task.name], dynamo=False,
        )  # fmt: skip
    part.replace(path)
    card = {
        "network": task.name,
        "commit": _commit(),
        "seed": seed,
        "samples": state.done * task.drawing.size,
        "drawn": state.done * task.drawing.size // course.repeats,
        "parameters": sum(p.numel() for p in network.parameters()),
        "temperature": getattr(network, "temperature", None),
        "measure": task.measure,
        "score": round(score, 4),
        "right_of": kinds,
    }
    (out / f"{task.name}.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    return path


@torch.no_grad()
def calibrated(network: torch.nn.Module, batches: list[dict[str, np.ndarray]]) -> float:
    """The temperature at which the text of these crops is likeliest (CTC), searched between 0.5 and 3."""
    ctc = torch.nn.CTCLoss(blank=0, zero_infinity=True)
    seen = []
    for batch in batches:
        learnt = torch.from_numpy(batch["whole"] > 0)
        texts = torch.from_numpy(batch["texts"])[learnt]
        seen.append((network.raw(torch.from_numpy(batch["pictures"]))[0][learnt], texts))
    losses = {}
    for temperature in np.geomspace(0.5, 3.0, 37):
        total = 0.0
        for symbols, texts in seen:
            shares = torch.log_softmax(symbols / float(temperature), 2).transpose(0, 1)
            steps = torch.full((len(texts),), shares.shape[0])
            total += float(ctc(shares, texts, steps, (texts > 0).sum(1)))
        losses[float(temperature)] = total
    return min(losses, key=losses.__getitem__)


def _commit() -> str:
    try:
        return subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
