"""central.toml: wrong ones refused in one line that says what is expected; secrets kept from others' eyes."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from central import keys
from central.links import Links
from central.settings import Settings, SettingsError, load
from central.store.database import Database, DatabaseError
from edge.protocol.ids import uuid7


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "central.toml"
    path.write_text(text)
    return path


def test_without_a_file_everything_has_a_working_value():
    settings = load(environ={})
    assert settings.database.startswith("sqlite:////")
    assert settings.images == Path("data/central/images")


def test_the_example_file_is_valid_and_says_what_is_so_anyway():
    example = load(Path("config/central.toml"), environ={})
    assert example.model_copy(update={"data_dir": Settings().data_dir}) == Settings()


def test_paths_are_taken_from_the_files_own_folder(tmp_path):
    settings = load(written(tmp_path, 'data_dir = "d"\n[mqtt]\npassword_file = "secret"\n'), environ={})
    assert settings.data_dir == tmp_path / "d"
    assert settings.mqtt.password_file == tmp_path / "secret"


def test_the_environment_wins_over_the_file(tmp_path):
    path = written(tmp_path, 'database_url = "sqlite:////a.db"\n[mqtt]\nurl = "mqtt://a"\n')
    environ = {"DATABASE_URL": "postgresql://b/c", "MQTT_URL": "mqtts://broker", "PARKMETER_CONFIG": str(path)}
    settings = load(environ=environ)
    assert settings.database == "postgresql://b/c"
    assert (settings.mqtt.host, settings.mqtt.port, settings.mqtt.tls) == ("broker", 8883, True)


@pytest.mark.parametrize(
    "text, said",
    [
        ("dataa_dir = 'x'", "dataa_dir: unknown key; expected one of data_dir, database_url"),
        ("[mqtt]\nurll = 'x'", "mqtt.urll: unknown key; expected one of url, username"),
        ("[mqtt]\nurl = 'http://x'", "mqtt.url: expected mqtt://HOST"),
        ("[mqtt]\nurl = 'mqtt://u:p@x'", "password_file"),
        ("[http]\nport = 'eighty'", "http.port: Input should be a valid integer"),
        ("[http]\nport = 70000", "http.port: Input should be less than or equal to 65535"),
        ("http = 3", "http: Input should be a valid dictionary"),
        ("public_url = 'localhost'", "public_url: expected http://HOST"),
        ("[payments]\nprovider = 'bank'", "payments.provider: Input should be 'mock_upi'"),
        ("data_dir =", "not TOML"),
    ],
)
def test_a_wrong_setting_is_one_line_naming_file_key_and_what_is_expected(tmp_path, text, said):
    path = written(tmp_path, text)
    with pytest.raises(SettingsError) as refused:
        load(path, environ={})
    assert said in str(refused.value)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "variable, address",
    [
        ("MQTT_URL", "mqtt://u:s3cret@h"),
        ("MQTT_URL", "http://u:s3cret@h"),
        ("MQTT_URL", "mqtt://u:s3cret@h:port"),
        ("MQTT_URL", "u:s3cret@h"),
        ("DATABASE_URL", "postgresql//u:s3cret@h/x"),
        ("DATABASE_URL", "oracle://u:s3cret@h/x"),
    ],
)
def test_an_address_that_is_wrong_is_named_and_its_password_is_not(variable, address):
    with pytest.raises((SettingsError, DatabaseError)) as refused:
        Database(load(environ={variable: address}).database)
    assert variable.lower().replace("_", ".", 1).replace("database.", "database_") in str(refused.value)
    assert "s3cret" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SettingsError, match=r"nowhere\.toml: No such file"):
        load(tmp_path / "nowhere.toml", environ={})


def test_keys_are_made_once_and_only_we_may_read_them(tmp_path):
    settings = Settings(data_dir=tmp_path)
    made = keys.make(settings)
    before = {name: (settings.keys_dir / name).read_bytes() for name in made}
    assert keys.make(settings) == []
    assert {name: (settings.keys_dir / name).read_bytes() for name in made} == before
    for name in made:
        assert stat.S_IMODE((settings.keys_dir / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.keys_dir.stat().st_mode) == 0o700


def test_a_key_others_may_read_or_that_is_missing_is_refused(tmp_path):
    settings = Settings(data_dir=tmp_path)
    with pytest.raises(SettingsError, match="central init"):
        keys.read(settings, keys.WEB)
    keys.make(settings)
    (settings.keys_dir / keys.WEB).chmod(0o644)
    with pytest.raises(SettingsError, match="0600"):
        keys.read(settings, keys.WEB)


def test_a_pay_link_leads_to_its_stay_and_a_made_up_one_nowhere():
    links, other = Links("http://x", b"a" * 32), Links("http://x", b"b" * 32)
    stay = uuid7()
    token = links.pay_token(stay)
    assert links.pay(stay) == f"http://x/p/{token}"
    assert links.stay_of(token) == stay
    assert other.stay_of(token) is None
    for wrong in ("", "x", token[:-1], token + "A", "é", "A" * 43, token.swapcase(), "%00"):
        assert links.stay_of(wrong) is None
