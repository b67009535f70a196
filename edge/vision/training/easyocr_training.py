"""`./parkmeter train easyocr`: learns a network of our own for the engine easyocr, laid out as EasyOCR loads it."""

from __future__ import annotations

import argparse
import hashlib
import re
import shutil
import sys
from collections import Counter
from pathlib import Path

import torch
from torch import Tensor, nn

from edge.rules.plate.formats import ALPHABET
from edge.vision.training import easyocr_network
from edge.vision.training.easyocr_lines import HIGH, Drawing
from edge.vision.training.learning.batches import Batch
from edge.vision.training.learning.loop import Course, State, train
from edge.vision.training.learning.reader_task import spelt_by

SIZES = {"input_channel": 1, "output_channel": 128, "hidden_size": 192, "columns": 4}
SMALL = {"input_channel": 1, "output_channel": 64, "hidden_size": 96, "columns": 8}
BATCH, SAMPLES, RATE = 32, 1_000_000, 2e-3
REPEATS = 2  # times each drawn line is learnt from
INTERRUPTED = 130  # exit status


class Learning:
    """EasyOCR's line recogniser in the training loop.

    plain  a reduced task, for a smaller network: clean new Indian plates
    """

    name = "easyocr"
    measure = "lines read without a fault"

    def __init__(self, seed: int, batch: int, plain: bool = False) -> None:
        self.drawing = Drawing(seed, batch, plain)
        self.checks = Drawing(seed + 1, batch, plain)
        self.sizes = SMALL if plain else SIZES
        self._ctc = nn.CTCLoss(blank=0, zero_infinity=True)

    def network(self) -> easyocr_network.Model:
        return easyocr_network.Model(num_class=1 + len(ALPHABET), **self.sizes)

    def vary(self, batch: Batch, number: int) -> Batch:
        return batch

    def loss(self, network: nn.Module, batch: dict[str, Tensor]) -> Tensor:
        shares = torch.log_softmax(network(as_easyocr_has_it(batch["pictures"])).float(), 2).transpose(0, 1)
        steps = torch.full((shares.shape[1],), shares.shape[0])
        return self._ctc(shares, batch["texts"], steps, (batch["texts"] > 0).sum(1))

    @torch.no_grad()
    def score(self, network: nn.Module, batches: list[Batch]) -> tuple[float, dict[str, tuple[int, int]]]:
        """Share of lines spelt without a fault, and (right, of) for each kind."""
        right, of = Counter(), Counter()
        device = next(network.parameters()).device
        for batch in batches:
            shares = network(as_easyocr_has_it(torch.from_numpy(batch["pictures"]).to(device)))
            for spelt, text, kind in zip(spelt_by(shares), batch["texts"], batch["kinds"], strict=True):
                of[str(kind)] += 1
                right[str(kind)] += spelt == [int(symbol) for symbol in text if symbol]
        return sum(right.values()) / max(1, of.total()), {kind: (right[kind], of[kind]) for kind in sorted(of)}


def as_easyocr_has_it(pictures: Tensor) -> Tensor:
    """uint8 (n, 64, w) as float32 (n, 1, 64, w), -1 to 1."""
    return pictures.unsqueeze(1).float() / 127.5 - 1


def save(task: Learning, state: State, out: Path, name: str) -> list[Path]:
    """Writes the network under `out` as edge.vision.easyocr_reader.Network finds it, its sums last; the files."""
    model, user = out / "model", out / "user_network"
    model.mkdir(parents=True, exist_ok=True)
    user.mkdir(exist_ok=True)
    weights, settings, code = model / f"{name}.pth", user / f"{name}.yaml", user / f"{name}.py"
    # EasyOCR takes seven letters off each name: those that torch's DataParallel puts before it
    torch.save({f"module.{key}": value for key, value in state.mean.cpu().state_dict().items()}, weights)
    sizes = ", ".join(f"{key}: {value}" for key, value in task.sizes.items())
    settings.write_text(
        f"imgH: {HIGH}\nlang_list: [en]\ncharacter_list: '{ALPHABET}'\nnetwork_params: {{{sizes}}}\n", encoding="utf-8"
    )
    shutil.copyfile(easyocr_network.__file__, code)
    files = [weights, settings, code]
    sums = "".join(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files)
    (user / f"{name}.sha256").write_text(sums, encoding="utf-8")
    return [*files, user / f"{name}.sha256"]


def main(argv: list[str] | None = None) -> int:
    asked = _arguments(argv)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.set_num_threads(asked.threads)
    torch.manual_seed(asked.seed)
    task = Learning(asked.seed, asked.batch, asked.plain)
    course = Course(asked.folder, max(1, asked.samples // asked.batch), asked.rate, asked.workers, REPEATS)
    try:
        state = train(task, course, device)
    except KeyboardInterrupt:
        print("stopped; the same command goes on from here", file=sys.stderr)
        return INTERRUPTED
    for file in save(task, state, asked.out, asked.name):
        print(file)
    print(
        f"used with: EASYOCR_MODULE_PATH={asked.out} PARKMETER_EASYOCR_NETWORK={asked.name} and the engine easyocr",
        file=sys.stderr,
    )
    return 0


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="./parkmeter train easyocr", description=__doc__)
    asked.add_argument("--out", type=Path, required=True, help="folder for model/ and user_network/")
    asked.add_argument("--name", type=_name, default="parkmeter_lines", help="of the network")
    asked.add_argument("--folder", type=Path, default=Path("data/training"), help="where its state is kept, and found")
    asked.add_argument("--plain", action="store_true", help="clean new Indian plates only, with a smaller network")
    asked.add_argument("--samples", type=_some, default=SAMPLES, help="lines to learn from, repeats counted")
    asked.add_argument("--batch", type=_some, default=BATCH, help="lines a step")
    asked.add_argument("--rate", type=float, default=RATE, help="of learning, at its highest")
    asked.add_argument("--workers", type=_some, default=1, help="processes that draw lines")
    asked.add_argument("--threads", type=_some, default=1, help="of the network's arithmetic")
    asked.add_argument("--seed", type=int, default=1)
    return asked.parse_args(argv)


def _name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", text):
        raise argparse.ArgumentTypeError(f"{text!r}, expected letters, digits and '_', a letter first")
    return text


def _some(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}, expected a whole number, 1 or more")
    return int(text)


if __name__ == "__main__":
    raise SystemExit(main())
