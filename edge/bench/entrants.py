"""Which engines `bench plates` measures, and how large their networks are."""

from __future__ import annotations

import os
import sys

from edge.bench.engine_child import ALONE, BASELINE
from edge.vision.engines import ENGINES, installed_engines
from edge.vision.errors import EngineMissing

MB = 1 << 20


def entrants() -> dict[str, float]:
    """Every engine that can be measured, with the size of its weights; one whose weights lack is told and left out."""
    names = [BASELINE]
    for engine in installed_engines():
        names += [engine, engine + ALONE] if ENGINES[engine].asks else [engine]
    sizes = {}
    for name in names:
        try:
            sizes[name] = weights_mb(name)
        except EngineMissing as lacking:
            print(f"parkmeter bench: {name} is left out: {lacking}", file=sys.stderr)
    return sizes


def weights_mb(engine: str) -> float:
    """Size of an engine's own networks, megabytes of 2^20 bytes. EngineMissing where they are not there."""
    own = engine.removesuffix(ALONE)
    if own == "easyocr":
        from edge.vision.easyocr_reader import Network

        network = Network.chosen(os.environ)
        network.check(with_detector=True)
        files = list(network.files(with_detector=True))
    elif own in ENGINES and ENGINES[own].weights:
        files = list(ENGINES[own].weights)
    else:
        from edge.vision import detector, recogniser
        from edge.vision.onnx_models import rapidocr_models

        files = [rapidocr_models() / name for name in (detector.MODEL, recogniser.MODEL)]
        if engine == BASELINE:  # the package also loads what turns lines the right way up
            files += sorted(rapidocr_models().glob("*cls*.onnx"))
    return sum(path.stat().st_size for path in files if path.is_file()) / MB
