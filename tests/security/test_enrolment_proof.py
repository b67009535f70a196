"""The proof of a one-time code: the same for ever, good for one request alone, not made from what central keeps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.protocol.enrolling import (
    ALPHABET,
    LENGTH,
    CodeKeys,
    Enrolled,
    EnrolRequest,
    RotateRequest,
    Sealed,
    code_keys,
    grouped,
    is_sealed,
    no_proof,
    prove,
    proven,
    read_code,
    rotation,
    seal,
)

CODE = "0123456789ABCDEFGHJK"
ASKED = EnrolRequest(site="main", gate="entry-1", nonce="0" * 31 + "1", ca="ab" * 32, csr="a request", proof=no_proof())
GIVEN = Enrolled(
    site="main",
    gate="entry-1",
    lane="entry",
    name="Main entrance",
    certificate="a certificate",
    ca="a CA",
    profile=3,
    broker_url="mqtts://broker.example.org",
    username="main.entry-1",
    password=None,
    token="a token",
    public_keys=("a key",),
    url="https://park.example.org",
)
codes = st.text(ALPHABET, min_size=LENGTH, max_size=LENGTH)
#   what may be altered, to another that is well formed
CHANGES = {
    "site": "south",
    "gate": "exit-1",
    "nonce": "0" * 31 + "2",
    "ca": "ac" * 32,
    "csr": "another request",
    "proof": no_proof(),
}


def test_an_old_gate_and_a_new_central_understand_each_other():
    assert prove(CODE, ASKED).proof == "86ee8d24b8a6eab6a2830f042ea4967583060395c61310782a23fb756eeaafb2"
    keys = code_keys(CODE)
    assert keys.stored.hex() == "40acd321560985add6a18619724db68da7ef1938c2a4d245eac71cca13379dce"
    assert keys.server.hex() == "60e1a31820c30d28cfbfe0783d534228a6f77338078683f3d14e319da6b2ad36"
    answer = Sealed(body='{"a":1}', mac="c32b6827c1434fe37482d087f5e8795a0e22985b0e5ae1fef98dcd3e730ef91d")
    assert is_sealed(CODE, prove(CODE, ASKED), answer)
    turned = RotateRequest(site="main", gate="entry-1", serial="ab12", csr="a request", signature="")
    assert rotation(turned) == (
        b"parkmeter rotation 1\nmain\nentry-1\nab12\naf0bf2a562dabe2a81e0b0b47a33a515b5e8495c72fff218af4c15f3f066fa44\n"
    )


@given(codes, codes)
def test_a_proof_fits_its_own_code_alone(code, other):
    asked = prove(code, ASKED)
    assert proven(code_keys(code), asked)
    assert proven(code_keys(other), asked) == (other == code)
    answer = seal(code_keys(code), asked, GIVEN)
    assert is_sealed(code, asked, answer)
    assert is_sealed(other, asked, answer) == (other == code)


@pytest.mark.parametrize("field", CHANGES)
def test_who_alters_a_request_on_its_way_spoils_proof_and_answer(field):
    asked = prove(CODE, ASKED)
    altered = asked.model_copy(update={field: CHANGES[field]})
    assert not proven(code_keys(CODE), altered)
    assert not is_sealed(CODE, altered, seal(code_keys(CODE), asked, GIVEN))


def test_what_central_keeps_of_a_code_makes_no_proof():
    """A thief of the database holds both keys; used as the code's own key, neither is taken."""
    keys = code_keys(CODE)
    for stolen in (keys.stored, keys.server):
        guess = EnrolRequest.model_validate(ASKED.model_dump() | {"proof": stolen.hex()})
        assert not proven(keys, guess)
        assert not proven(CodeKeys(keys.stored, keys.server), prove(stolen.hex(), ASKED))


@given(codes)
def test_a_code_is_read_as_it_is_printed(code):
    assert read_code(grouped(code)) == code
    assert read_code(grouped(code).lower().replace("-", "  ")) == code
