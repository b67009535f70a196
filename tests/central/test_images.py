"""Pictures from gates: kept once by their hash, and only when they are whole JPEGs of a sane size."""

from __future__ import annotations

import hashlib

import pytest

from central import images
from central.images import BadImage
from central.store.schema import Image
from tests.central.car_park import START

JPEG = b"\xff\xd8\xff\xe0" + b"picture" * 100 + b"\xff\xd9"


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_a_picture_is_kept_once_under_its_hash(park, tmp_path):
    gate = park.gate("entry-1")
    for new in (True, False):
        images.keep(tmp_path, digest(JPEG), JPEG)
        with park.db.begin() as session:
            assert images.remember(session, gate, digest(JPEG), len(JPEG), START) is new
    assert images.path_of(tmp_path, digest(JPEG)).read_bytes() == JPEG
    assert [path.name for path in tmp_path.rglob("*.jpg")] == [f"{digest(JPEG)}.jpg"]
    with park.db.read() as session:
        assert session.get_one(Image, digest(JPEG)).bytes == len(JPEG)


@pytest.mark.parametrize(
    "content, name, said",
    [
        (JPEG, "0" * 64, "SHA-256"),
        (JPEG, "../../etc/passwd", "SHA-256"),
        (b"GIF89a", None, "JPEG"),
        (JPEG[:-200], None, "JPEG"),
        (b"", None, "JPEG"),
        (JPEG + b"x" * images.MAX_BYTES, None, "bytes"),
    ],
)
def test_what_is_not_a_picture_we_keep_is_refused_and_leaves_nothing(tmp_path, content, name, said):
    with pytest.raises(BadImage, match=said):
        images.keep(tmp_path, name or digest(content), content)
    assert list(tmp_path.rglob("*.jpg")) == []


@pytest.mark.parametrize("name", ["", "..", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_a_name_that_is_no_hash_has_no_path(tmp_path, name):
    with pytest.raises(BadImage):
        images.path_of(tmp_path, name)
