"""The commands of the API: the document on standard output, tokens made, listed and ended."""

from __future__ import annotations

import json

import pytest

from central.__main__ import main
from central.api import document


@pytest.fixture
def data(tmp_path, capsys) -> str:
    """A folder with everything central needs, and a site."""
    folder = str(tmp_path / "central")
    assert main(["init", "--data", folder]) == 0 and main(["site", "add", "delhi", "--data", folder]) == 0
    capsys.readouterr()
    return folder


def test_the_document_is_printed_as_it_is_checked_in(capsys):
    assert main(["openapi"]) == 0
    assert capsys.readouterr().out == document.text()


def test_a_token_is_printed_once_listed_without_its_text_and_ended(data, capsys):
    assert (
        main(["token", "add", "till", "sites:read", "stays:read", "--site", "delhi", "--days", "30", "--data", data])
        == 0
    )
    text = capsys.readouterr().out.strip()
    assert text.startswith("pmk_")
    assert main(["token", "list", "--json", "--data", data]) == 0
    out = capsys.readouterr().out
    (told,) = json.loads(out)
    assert (told["name"], told["scopes"], told["sites"]) == ("till", ["sites:read", "stays:read"], ["delhi"])
    assert text not in out and told["expires_at"] and told["last_used_at"] is None
    assert main(["token", "end", "till", "--data", data]) == 0
    assert main(["token", "list", "--data", data]) == 0
    assert "till: delhi; ended" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words, said",
    [
        (["add", "till", "everything"], "scope 'everything'"),
        (["add", "till", "sites:read", "--site", "nowhere"], "site 'nowhere'"),
        (["add", "till", "sites:read", "--days", "999999999999"], "3660 days"),
        (["add", "till", "sites:read", "--days", "-1"], "3660 days"),
        (["end", "nobody"], "no token 'nobody'"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(data, capsys, words, said):
    assert main(["token", *words, "--data", data]) == 2
    assert said in capsys.readouterr().err
