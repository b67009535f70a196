"""A small line recogniser in the form that EasyOCR loads as a network of one's own.

This file is copied beside the weights and imported by EasyOCR from there, by itself: it knows nothing but torch.
EasyOCR hands in grey lines 64 pixels high, -1 to 1, drawn out to a whole number of squares by their last column.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


def conv(inside: int, outside: int, stride: tuple[int, int]) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inside, outside, 3, stride, 1, bias=False), nn.BatchNorm2d(outside), nn.ReLU(inplace=True)
    )


class Model(nn.Module):
    """CTC along a line.

    input_channel   1, grey
    output_channel  features of a step, a multiple of 4
    hidden_size     features of a step after its neighbours were looked at
    columns         of pixels to a step: 4, or 8 where lines are wide, which learns sooner
    num_class       symbols, the CTC blank first
    """

    def __init__(self, input_channel: int, output_channel: int, hidden_size: int, columns: int, num_class: int) -> None:
        super().__init__()
        quarter = output_channel // 4
        self.seen = nn.Sequential(
            nn.AvgPool2d(2),
            conv(input_channel, quarter, (2, 2)),
            conv(quarter, 2 * quarter, (2, columns // 4)),
            conv(2 * quarter, 3 * quarter, (2, 1)),
            conv(3 * quarter, output_channel, (2, 1)),
        )
        # no wider: a step that sees far learns late where its own character stands
        self.beside = nn.Sequential(
            nn.Conv1d(2 * output_channel, hidden_size, 3, 1, 1, bias=False),
            nn.BatchNorm1d(hidden_size),
            nn.ReLU(inplace=True),
        )
        self.symbols = nn.Linear(hidden_size, num_class)

    def forward(self, lines: Tensor, text: Tensor | None = None) -> Tensor:
        """Logits (n, width / columns, num_class) of float32 (n, 1, 64, width).

        text  EasyOCR's, for networks that spell from memory; this one doesn't
        """
        middle = lines.mean((1, 2, 3), keepdim=True)  # dark and pale plates look alike from here on
        spread = (lines - middle).square().mean((1, 2, 3), keepdim=True).sqrt()
        x = self.seen((lines - middle) / (spread + 0.03))
        x = self.beside(torch.flatten(x, 1, 2))
        return self.symbols(x.transpose(1, 2))
