"""What the reader is taught of a crop, and how its steps are read."""

from __future__ import annotations

import numpy as np
import torch

from edge.rules.plate.formats import ALPHABET
from edge.vision.training.learning.networks import CROP
from edge.vision.training.learning.reader_task import Drawing, spelt_by, varied
from edge.vision.training.samples import crop_at


def test_a_batch_holds_the_crops_of_its_number_and_their_texts():
    batch = Drawing(seed=5, size=6)(2)
    for at in range(6):
        crop = crop_at(5, 12 + at, CROP)
        assert (batch["pictures"][at] == crop.image).all()
        assert "".join(ALPHABET[c - 1] for c in batch["texts"][at] if c) == crop.text.replace("\n", "")
        assert batch["whole"][at] == bool(crop.text)


def test_what_the_two_halves_spell_is_the_text():
    batch = Drawing(seed=5, size=40)(0)
    for text, upper, lower in zip(batch["texts"], batch["upper"], batch["lower"], strict=True):
        assert [c for c in (*upper, *lower) if c] == [c for c in text if c]
    assert (batch["lower"] > 0).any(1).sum() not in (0, 40)


def test_a_gentle_set_begins_with_plain_crops_and_goes_on_with_all_kinds():
    gentle = Drawing(seed=5, size=1, gentle=True)
    assert all(gentle._plain(n) for n in range(3))
    assert 0.1 < sum(gentle._plain(n) for n in range(50_000, 51_000)) / 1000 < 0.2


def test_what_is_cut_off_or_no_plate_is_not_learnt_as_blank():
    batch = Drawing(seed=5, size=60)(0)
    for kind, learnt in zip(batch["kinds"], batch["learnt"], strict=True):
        assert learnt == (kind not in ("partial", "sign"))


def test_a_crop_is_varied_into_another_of_the_same_shape():
    pictures = Drawing(seed=5, size=4)(0)["pictures"]
    once, again = (varied(pictures, np.random.default_rng(seed)) for seed in (1, 2))
    assert once.shape == pictures.shape and once.dtype == np.uint8
    assert (once != again).any() and (varied(pictures, np.random.default_rng(1)) == once).all()


def test_steps_are_read_as_ctc_reads_them():
    said = torch.zeros(1, 9, 37)
    for step, symbol in enumerate([0, 5, 5, 0, 5, 6, 0, 0, 7]):
        said[0, step, symbol] = 1
    assert spelt_by(said) == [[5, 5, 6, 7]]
