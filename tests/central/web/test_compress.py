"""What is compressed on its way to a browser, and what is not."""

from __future__ import annotations

import gzip

GZIP = {"Accept-Encoding": "gzip, deflate, br"}
CSS = "/static/parkmeter.css"


def fetched(client, **headers: str):
    """The style sheet, as a browser that sends these headers gets it; read to its end."""
    with client.get(CSS, headers=headers) as answer:
        assert answer.get_data() is not None
        return answer


def test_a_style_sheet_comes_as_gzip_to_whoever_takes_it_so(client):
    plain, packed = fetched(client), fetched(client, **GZIP)
    assert plain.content_encoding is None and packed.content_encoding == "gzip"
    assert gzip.decompress(packed.data) == plain.data and len(packed.data) == packed.content_length < len(plain.data)
    assert "Accept-Encoding" in plain.vary and "Accept-Encoding" in packed.vary


def test_gzip_that_is_refused_is_not_sent(client):
    assert fetched(client, **{"Accept-Encoding": "gzip;q=0, identity"}).content_encoding is None


def test_a_file_that_the_browser_has_is_not_sent_again(client):
    first = fetched(client, **GZIP)
    again = fetched(client, **GZIP, **{"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and again.data == b""


def test_pages_travel_as_they_are_because_they_carry_secrets_beside_what_was_typed(client):
    assert client.get("/login?next=/money", headers=GZIP).content_encoding is None
