"""edge.toml: the example is whole, and everything wrong is one line naming key, file and what is expected."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from edge.chosen import check
from edge.protocol.signing import Signer
from edge.settings.file import Settings, SettingsError, load, parse, secret

# RFC 8032's first test key, whose private half is printed beside it
PUBLISHED_KEY = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
EXAMPLE = Path(__file__).resolve().parents[2] / "config" / "edge.toml"
KEY = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32)))).public
PLACEHOLDER = "PASTE central's key here"
TEXT = EXAMPLE.read_text().replace(PLACEHOLDER, KEY)


def changed(old: str, new: str) -> str:
    assert old in TEXT
    return TEXT.replace(old, new)


def complaint(text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        parse(tomllib.loads(text), EXAMPLE)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(str(EXAMPLE))
    return str(caught.value)


def test_the_example_loads_with_paths_beside_it():
    settings = parse(tomllib.loads(TEXT), EXAMPLE)
    assert settings.gate.data_dir == EXAMPLE.parent / "data"
    assert settings.devices.inputs.stop == 12


def _fields(model: type[BaseModel], place: str = ""):
    for name, field in model.model_fields.items():
        kinds = [field.annotation, *getattr(field.annotation, "__args__", ())]
        section = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)
        if section:
            yield from _fields(section, f"{place}{name}.")
        else:
            yield f"{place}{name}"


@pytest.mark.parametrize("key", list(_fields(Settings)))
def test_every_setting_stands_in_the_example(key):
    name = key.rpartition(".")[2]
    assert re.search(rf"^#? ?{name} = ", TEXT, re.MULTILINE), f"{key} is not in config/edge.toml"


def test_the_example_shows_the_defaults():
    shown, settings = tomllib.loads(TEXT), parse(tomllib.loads(TEXT), EXAMPLE)
    for section in ("plate", "boom", "lane", "http"):
        defaults = type(getattr(settings, section))()
        assert defaults.model_dump(mode="json") | shown[section] == defaults.model_dump(mode="json")


@pytest.mark.parametrize(
    "old, new, expected",
    [
        ("port = 8081", "prt = 8081", "http.prt: unknown key; expected one of host, port, token_file, display"),
        ("port = 8081", "port = '8081'", "http.port: expected: Input should be a valid integer, got '8081'"),
        ("port = 8081", "port = 70000", "less than or equal to 65535"),
        ("[vision]", "[vison]", "vison: unknown key; expected one of gate, mqtt"),
        ('site = "main" ', "", "gate.site: missing"),
        ('id = "entry-1"', 'id = "Entry 1"', "1 to 32 of a-z"),
        ('lane = "entry"', 'lane = "side"', "gate.lane: expected: Input should be 'entry' or 'exit'"),
        ("mqtt://127.0.0.1:1883", "http://127.0.0.1", "mqtt.url: expected an address like mqtt://host:port"),
        ("mqtt://127.0.0.1:1883", "mqtt://h:99999", "mqtt.url: expected an address like mqtt://host:port"),
        ("# password_file", "password_file", "mqtt.password_file: expected a readable file, there is none at"),
        (KEY, KEY[4:], "central.public_keys.0: expected central's public key, base64 of 32 bytes"),
        (KEY, PLACEHOLDER, "central.public_keys.0: expected central's public key, base64 of 32 bytes"),
        (KEY, PUBLISHED_KEY, "central.public_keys.0: expected central's own public key: this one is a published"),
        ("no_show_s = 30.0", "no_show_s = 15.0", "expected lane.no_show_s to be at least boom.travel_s and 10 s more"),
        ("no_show_s = 30.0", "no_show_s = 0.01", "lane.no_show_s: expected: Input should be greater than or equal"),
        ("patience_s = 6.0", "patience_s = 0.02", "plate.patience_s: expected: Input should be greater than or equal"),
        ("central_wait_s = 20.0", "central_wait_s = 0.001", "lane.central_wait_s: expected: Input should be greater"),
        ("/dev/video0", "webcam", "vision.source: expected folder:PATH, video:PATH, scene:SOCKET, /dev/videoN"),
        ("/dev/video0", "folder:", "vision.source: expected folder:PATH"),
        ('host = "127.0.0.1"', 'host = "not a host"', "http.host: expected an address of this machine"),
        ("# public_url = ", "public_url = 'http://u:p@h' # ", "central.public_url: expected an address like http://"),
        ("# public_url = ", f"public_url = 'http://{'a' * 70}.org' # ", "central.public_url: expected an address like"),
        ("# public_url = ", "public_url = 'http://पार्क.example' # ", "central.public_url: expected an address like"),
        ("lower_boom = 27", "lower_boom = 17", "devices: expected every pin once, 17 is used twice"),
        ('kind = "gpio"', 'kind = "simulated"', 'devices: expected world = "SOCKET"'),
        ("dead_time_s = 0.3", "dead_time_s = 0.1", "boom.dead_time_s: expected: Input should be greater than or equal"),
        ("travel_s = 6.0", "travel_s = inf", "boom.travel_s: expected: Input should be a finite number"),
        ("travel_s = 6.0", "travel_s = 2026-01-01", "boom.travel_s: expected: Input should be a valid number"),
        ('languages = ["en", "hi"]', 'languages = ["xx"]', "lane.languages.0"),
        ("# images_url", "images_url", "central: expected a token_file where images_url is given"),
    ],
)
def test_what_is_wrong_is_named_in_one_line(old, new, expected):
    assert expected in complaint(changed(old, new))


def test_a_file_that_is_missing_not_toml_or_not_text_is_named(tmp_path):
    with pytest.raises(SettingsError, match="can't be read"):
        load(tmp_path / "none.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("[gate\n")
    with pytest.raises(SettingsError, match="not TOML"):
        load(broken)
    broken.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="UTF-8"):
        load(broken)


def test_relative_vision_sources_are_beside_the_file():
    settings = parse(tomllib.loads(changed("/dev/video0", "folder:photos")), EXAMPLE)
    assert settings.vision.source == f"folder:{EXAMPLE.parent / 'photos'}"
    kept = parse(tomllib.loads(changed("/dev/video0", "rtsp://cam/1")), EXAMPLE)
    assert kept.vision.source == "rtsp://cam/1"


@pytest.mark.parametrize("url", ["http://gate:hunter2@broker", "mqtt://gate:hunter2@broker:99999", "mqtt://g:hunter2@"])
def test_a_password_in_an_address_is_not_repeated_in_a_message(url):
    assert "hunter2" not in complaint(changed("mqtt://127.0.0.1:1883", url))


@pytest.mark.parametrize(
    "source", ["/dev/video0", "camera:2", "rtsp://u:p@cam/1", "HTTP://cam/x.mjpg", "webcam", "x:1"]
)
def test_a_live_source_is_taken_just_where_the_camera_takes_it(source):
    from edge.vision.address import is_address

    table = tomllib.loads(changed("/dev/video0", source))
    if is_address(source):
        assert parse(table, EXAMPLE).vision.source == source
    else:
        with pytest.raises(SettingsError):
            parse(table, EXAMPLE)


def test_a_token_that_no_header_can_carry_is_refused_at_the_start(tmp_path):
    token = tmp_path / "token"
    text = changed("# images_url = ", "images_url = ").replace("# token_file = ", f"token_file = '{token}' # ", 1)
    for word, fits in (("t₹k", False), ("two words", False), ("t0k-en_", True)):
        token.write_text(word)
        settings = parse(tomllib.loads(text), EXAMPLE)
        if fits:
            check(settings)
        else:
            with pytest.raises(SettingsError, match=r"central\.token_file: .* no spaces"):
                check(settings)


def test_a_secret_file_holds_one_line(tmp_path):
    path = tmp_path / "secret"
    path.write_text("hush\n")
    assert secret(path) == "hush"
    for bad in ("", "\n", "two\nlines"):
        path.write_text(bad)
        with pytest.raises(SettingsError, match="expected one line"):
            secret(path)


@given(
    st.recursive(
        st.one_of(st.booleans(), st.integers(), st.text(max_size=5)),
        lambda v: st.lists(v) | st.dictionaries(st.text(max_size=5), v),
        max_leaves=8,
    )
)
def test_no_table_whatever_breaks_the_parser(value):
    for table in ({"gate": value}, {"devices": {"kind": value}}, {"plate": {"regions": value}}):
        with pytest.raises(SettingsError):
            parse(table, EXAMPLE)
