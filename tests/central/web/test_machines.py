"""What machines call: pictures in, webhooks, and whether we live."""

from __future__ import annotations

import socket
import time
from urllib.parse import urlsplit

import pytest
import requests

from central.actions.audit import audit
from tests.central.car_park import START
from tests.central.web.pictures import JPEG, JPEG_NAME
from tests.central.web.town import until


def put(client, token: str | None, name: str = JPEG_NAME, content: bytes = JPEG):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return client.put(f"/api/v1/images/{name}", data=content, headers=headers)


def test_a_gates_picture_is_kept_once_and_shown_to_staff_alone(client, park, sign_in):
    assert put(client, park.entry_token).status_code == 201
    assert put(client, park.entry_token).status_code == 200
    with sign_in().get(f"/images/{JPEG_NAME}") as shown:
        assert (shown.data, shown.mimetype) == (JPEG, "image/jpeg")
        assert "private" in shown.headers["Cache-Control"] and "public" not in shown.headers["Cache-Control"]
    assert client.get(f"/images/{JPEG_NAME}").status_code == 303


@pytest.mark.parametrize("token", [None, "", "a guess", "é"])
def test_a_stranger_may_put_no_picture(client, token):
    answer = put(client, token)
    assert answer.status_code == 401 and "gate's token" in answer.json["error"]


@pytest.mark.parametrize(
    ("name", "content", "code", "said"),
    [
        ("0" * 64, JPEG, 400, "SHA-256"),
        (JPEG_NAME.upper(), JPEG, 400, "SHA-256"),
        ("short", JPEG, 400, "SHA-256"),
        (JPEG_NAME, JPEG[:-1], 400, "SHA-256"),
        ("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", b"", 400, "JPEG"),
        (JPEG_NAME, bytes(2_000_001), 413, "at most"),
        (JPEG_NAME, bytes(4_000_000), 413, "more than is taken"),
    ],
)
def test_a_bad_picture_is_refused_with_the_reason(client, park, name, content, code, said):
    answer = put(client, park.entry_token, name, content)
    assert answer.status_code == code and said in answer.json["error"]


def test_a_picture_that_comes_in_slowly_holds_up_nobody(town):
    address = urlsplit(town.url)
    head = f"PUT /api/v1/images/{JPEG_NAME} HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Length: 200000\r\n"
    with socket.create_connection((address.hostname, address.port)) as slow:
        slow.sendall(f"{head}Authorization: Bearer {town.park.entry_token}\r\n\r\n".encode() + JPEG[:100])
        until(lambda: requests.get(f"{town.url}/healthz", timeout=2).ok)
        began = time.monotonic()
        with town.park.db.begin() as session:
            audit(session, START, "test", "wrote", "meanwhile")
        assert time.monotonic() - began < 5.0


def test_a_supervisor_is_told_that_we_live(client):
    assert client.get("/healthz").json == {"ok": True}


@pytest.mark.parametrize("signature", ["", "00", "é"])
def test_a_webhook_that_is_not_the_providers_is_refused(client, signature):
    answer = client.post("/webhooks/mock_upi", data=b'{"order":1}', headers={"X-PSP-Signature": signature})
    assert answer.status_code == 401 and "signature" in answer.json["error"]
