"""The two networks of platenet as torch modules: plate corners in a frame, and the text of a rectified plate.

Both take uint8 BGR pictures as OpenCV holds them and normalise them themselves, so that nothing of that is left to
whoever runs them.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from edge.rules.plate.formats import ALPHABET

STRIDE = 8  # pixels of a frame to a cell of the detector
CROP = (128, 64)  # width and height of a rectified plate
STEPS = 32  # of the reader along each half of a plate
SYMBOLS = 1 + len(ALPHABET)  # the CTC blank first


def conv(inside: int, outside: int, stride: int | tuple[int, int] = 1, kernel: int = 3) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inside, outside, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outside), nn.ReLU(True)
    )


class Residual(nn.Module):
    """Two convolutions beside a way around them; `narrow` channels in between."""

    def __init__(self, channels: int, narrow: int, first_kernel: int) -> None:
        super().__init__()
        self.inner = nn.Sequential(
            conv(channels, narrow, kernel=first_kernel),
            nn.Conv2d(narrow, channels, 3, 1, 1, bias=False),
            nn.BatchNorm2d(channels),
        )
        nn.init.zeros_(self.inner[2].weight)  # begins as the way around alone

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.inner(x))


def _bottleneck(channels: int) -> Residual:
    return Residual(channels, channels // 2, first_kernel=1)


class Detector(nn.Module):
    """Where plates are: an anchor-free network of one scale, looked at with the eyes of three.

    Takes uint8 (n, h, w, 3), h and w multiples of 32. Gives float32 (n, h / 8, w / 8, 9): the probability that a
    plate's middle lies in the cell, then its corners x0, y0 ... x3, y3, clockwise from the plate's own top left,
    in pixels from the cell's middle.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(conv(3, 16, 2), conv(16, 24, 2))
        self.eighth = nn.Sequential(conv(24, 48, 2), _bottleneck(48), _bottleneck(48))
        self.sixteenth = nn.Sequential(conv(48, 96, 2), _bottleneck(96), _bottleneck(96))
        self.thirtysecond = nn.Sequential(conv(96, 128, 2), _bottleneck(128), _bottleneck(128))
        self.from_thirtysecond = conv(128, 96, kernel=1)
        self.from_sixteenth = conv(96, 48, kernel=1)
        self.head = conv(48, 48)
        self.score = nn.Conv2d(48, 1, 1)
        self.corners = nn.Conv2d(48, 8, 1)
        self.larger = nn.Upsample(scale_factor=2, mode="nearest")
        nn.init.constant_(self.score.bias, -4.6)  # nearly all cells hold no plate

    def raw(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (n, 1, h / 8, w / 8) and corners (n, 8, h / 8, w / 8) in units of 32 pixels."""
        x = pictures.permute(0, 3, 1, 2).float() / 64 - 2
        eighth = self.eighth(self.stem(x))
        sixteenth = self.sixteenth(eighth)
        wide = self.from_thirtysecond(self.thirtysecond(sixteenth))
        x = self.from_sixteenth(sixteenth + self.larger(wide))
        x = self.head(eighth + self.larger(x))
        return self.score(x), self.corners(x)

    def forward(self, pictures: Tensor) -> Tensor:
        score, corners = self.raw(pictures)
        return torch.cat([torch.sigmoid(score), corners * 32], 1).permute(0, 2, 3, 1)


class Reader(nn.Module):
    """What a rectified plate says: CTC along its upper half, then along its lower one.

    Takes uint8 (n, 64, 128, 3). Gives float32 probabilities (n, 64, 37) per step, the CTC blank first and then 0-9 and
    A-Z, and (n,) that the crop shows a whole plate with a text on it.
    """

    def __init__(self, temperature: float = 1.0) -> None:
        super().__init__()
        self.temperature = temperature
        self.body = nn.Sequential(
            conv(3, 24, 2), conv(24, 32),
            conv(32, 64, 2), Residual(64, 64, 3),
            conv(64, 96, (2, 1)), Residual(96, 96, 3),
            conv(96, 128, (2, 1)), Residual(128, 96, 3),
            conv(128, 128, (2, 1)),
        )  # fmt: skip
        self.place = nn.Parameter(torch.zeros(1, 2 * STEPS, 128))
        self.attention = Attention(128, 4)
        self.symbols = nn.Linear(128, SYMBOLS)
        self.whole = nn.Linear(128, 1)
        nn.init.trunc_normal_(self.place, std=0.02)

    def raw(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of the symbols (n, 64, 37) and of a whole plate (n,)."""
        x = crops.permute(0, 3, 1, 2).float()
        middle = x.mean((1, 2, 3), keepdim=True)  # dark and pale plates look alike from here on
        spread = (x - middle).square().mean((1, 2, 3), keepdim=True).sqrt()
        x = self.body((x - middle) / (spread + 4))
        x = x.flatten(2).transpose(1, 2)  # the upper row's steps, then the lower one's
        x = self.attention(x + self.place)
        return self.symbols(x), self.whole(x.mean(1)).squeeze(1)

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        symbols, whole = self.raw(crops)
        return torch.softmax(symbols / self.temperature, 2), torch.sigmoid(whole)


class Attention(nn.Module):
    """Every step looks at every other: whether there is a second row, and what stood before. A transformer's block."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.before = nn.LayerNorm(width)
        self.all = nn.Linear(width, 3 * width)
        self.back = nn.Linear(width, width)
        self.between = nn.LayerNorm(width)
        self.mixed = nn.Sequential(nn.Linear(width, 2 * width), nn.ReLU(True), nn.Linear(2 * width, width))
        self.after = nn.LayerNorm(width)

    def forward(self, x: Tensor) -> Tensor:
        many, steps, width = x.shape
        asked = self.all(self.before(x)).reshape(many, steps, 3, self.heads, width // self.heads)
        query, key, value = asked.permute(2, 0, 3, 1, 4).unbind(0)
        looked = torch.softmax(query @ key.transpose(2, 3) * (width // self.heads) ** -0.5, 3) @ value
        x = x + self.back(looked.transpose(1, 2).reshape(many, steps, width))
        return self.after(x + self.mixed(self.between(x)))
