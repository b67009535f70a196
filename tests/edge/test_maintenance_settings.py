"""The settings of maintenance: what is left out means nothing is allowed, and what is wrong is one line."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.protocol.signing import Signer
from edge.settings.file import SettingsError, parse

EXAMPLE = Path(__file__).resolve().parents[2] / "config" / "edge.toml"
CENTRAL, STAFF = (Signer(Ed25519PrivateKey.generate()).public for _ in range(2))


def settings(**maintenance):
    table = tomllib.loads(EXAMPLE.read_text().replace("PASTE central's key here", CENTRAL))
    table["maintenance"] = maintenance
    return parse(table, EXAMPLE)


def test_without_a_word_nobody_but_central_signs_and_nothing_updates():
    ours = settings().maintenance
    assert (ours.public_keys, ours.update_command, ours.offer_file) == ((), (), None)
    assert not settings().mqtt.discovery_plates


def test_keys_updater_and_offer_are_taken_with_paths_beside_the_file():
    ours = settings(public_keys=[STAFF], update_command=["systemctl", "start", "x"], offer_file="offered").maintenance
    assert (ours.public_keys, ours.update_command) == ((STAFF,), ("systemctl", "start", "x"))
    assert ours.offer_file == EXAMPLE.parent / "offered"


@pytest.mark.parametrize(
    "wrong, expected",
    [
        ({"public_keys": ["x"]}, "maintenance.public_keys.0: expected maintenance's public key, base64 of 32 bytes"),
        ({"public_keys": [STAFF, STAFF]}, "maintenance: expected every key of public_keys once"),
        ({"update_command": "systemctl start x"}, "maintenance.update_command: expected: Input should be"),
        ({"update_command": [""]}, "maintenance.update_command.0: expected: String should have at least 1"),
        ({"updates": []}, "maintenance.updates: unknown key; expected one of public_keys, update_command, offer_file"),
    ],
)
def test_what_is_wrong_is_named_in_one_line(wrong, expected):
    with pytest.raises(SettingsError) as refused:
        settings(**wrong)
    assert expected in str(refused.value) and "\n" not in str(refused.value)
