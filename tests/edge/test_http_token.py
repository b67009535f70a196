"""The file of tokens: made by one command, read strictly, with nothing in it that opens a door."""

from __future__ import annotations

import pytest

from edge.http import token
from edge.http.keys import OLD_SCOPES, Key, Scope, digest, read_keys
from edge.settings.file import SettingsError

DIGEST = digest("hush").hex()


def test_a_token_is_printed_once_and_only_its_digest_is_kept(tmp_path, capsys):
    file = tmp_path / "http.token"
    assert token.main(["ops", "read", "maintain", "--file", str(file)]) == 0
    made = capsys.readouterr().out.strip()
    assert len(made) == 43 and made not in file.read_text()
    assert read_keys(file) == (Key("ops", frozenset({Scope.READ, Scope.MAINTAIN}), digest(made)),)
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_name_gets_a_new_token_and_the_others_keep_theirs(tmp_path, capsys):
    file = tmp_path / "http.token"
    for words in (["ops", "read"], ["wall", "live"], ["ops", "read", "plates"]):
        token.main([*words, "--file", str(file)])
    keys = {key.name: key for key in read_keys(file)}
    tokens = capsys.readouterr().out.split()
    assert keys["wall"].digest == digest(tokens[1]) and keys["ops"].digest == digest(tokens[2])
    assert keys["ops"].scopes == {Scope.READ, Scope.PLATES}
    assert token.main(["ops", "--remove", "--file", str(file)]) == 0
    assert [key.name for key in read_keys(file)] == ["wall"]


def test_a_file_of_one_bare_token_stays_good_for_reading_and_pictures(tmp_path, capsys):
    file = tmp_path / "http.token"
    file.write_text("hush\n")
    [key] = read_keys(file)
    assert key.digest == digest("hush") and key.scopes == OLD_SCOPES == {Scope.READ, Scope.LIVE}
    token.main(["ops", "maintain", "--file", str(file)])
    assert {key.digest for key in read_keys(file)} >= {digest("hush")} and "hush" not in file.read_text()


@pytest.mark.parametrize(
    "text, told",
    [
        ("", "empty"),
        ("# only a remark\n\n", "empty"),
        ("ops read\n", "line 1: expected NAME"),
        (f"ops read {DIGEST}\nhush\n", "line 2: expected NAME"),
        (f"ops fly {DIGEST}\n", "line 1: expected scopes of read, live, maintain, plates, got 'fly'"),
        (f"Ops read {DIGEST}\n", "line 1: expected a name"),
        (f"ops read {DIGEST[:-1]}\n", "line 1: expected NAME"),
        (f"ops read {DIGEST.upper()}\n", "line 1: expected NAME"),
        (f"ops read {DIGEST}\nops live {DIGEST}\n", "'ops' stands twice"),
    ],
)
def test_a_bad_file_is_refused_by_its_line_and_never_shown(tmp_path, text, told):
    file = tmp_path / "http.token"
    file.write_text(text)
    with pytest.raises(SettingsError) as wrong:
        read_keys(file)
    assert told in str(wrong.value) and str(file) in str(wrong.value)
    assert "hush" not in str(wrong.value) and DIGEST not in str(wrong.value)


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(SettingsError, match="can't be read"):
        read_keys(tmp_path / "none")


@pytest.mark.parametrize(
    "words, told",
    [
        (["ops", "--file", "F"], "expected scopes"),
        (["ops", "fly", "--file", "F"], "got 'fly'"),
        (["../ops", "read", "--file", "F"], "expected a name"),
        (["ops", "read", "--file", "none/F"], "No such file"),
        (["ops", "--remove", "--file", "F"], "no token of 'ops'"),
    ],
)
def test_a_bad_order_makes_no_file(tmp_path, monkeypatch, capsys, words, told):
    monkeypatch.chdir(tmp_path)
    assert token.main(words) == 2
    said = capsys.readouterr()
    assert told in said.err and said.out == "" and not list(tmp_path.iterdir())
