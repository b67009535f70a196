"""Roles and what each may do; what is said of devices, addresses and how long invoices are kept."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.actions.errors import Refused
from central.actions.people_contacts import Contact, masked, normal_contact
from central.rules import people
from central.web import passwords


def test_a_higher_role_may_all_that_a_lower_one_may():
    for above, below in zip(people.STAFF, people.STAFF[1:], strict=False):
        assert people.ALLOWED[below] < people.ALLOWED[above]
    assert not people.ALLOWED[people.DRIVER]


@given(st.sampled_from(people.STAFF), st.sampled_from(sorted(people.WORDS)))
def test_whoever_may_is_of_the_least_role_or_above(role, what):
    least = people.least_role(what)
    assert people.may(role, what) == (people.STAFF.index(role) <= people.STAFF.index(least))


def test_a_permission_that_is_not_in_the_table_is_a_mistake_of_ours():
    with pytest.raises(ValueError, match="expected one of"):
        people.may("administrator", "moon.fly")


@pytest.mark.parametrize(
    ("role", "logins", "has", "must"),
    [
        ("administrator", 1, False, False),  # the first log-in is the time to set it up
        ("administrator", 2, False, True),
        ("administrator", 9, True, False),
        ("attendant", 9, False, False),
        ("driver", 9, False, False),
    ],
)
def test_a_second_factor_is_asked_for_from_the_second_log_in_on(role, logins, has, must):
    assert people.must_enrol(role, logins, has, ("administrator", "manager")) is must


def test_an_invoice_is_kept_72_months_from_the_end_of_december_after_its_year():
    assert people.invoices_kept_until(2026) == date(2033, 12, 31)


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        (" Asha@Example.ORG ", Contact("email", "asha@example.org")),
        ("98100 12345", Contact("phone", "+919810012345")),
        ("098100-12345", Contact("phone", "+919810012345")),
        ("+44 7400 123456", Contact("phone", "+447400123456")),
    ],
)
def test_an_address_is_written_in_one_way(typed, known):
    assert normal_contact(typed) == known


@pytest.mark.parametrize(
    "typed", ["", "asha", "asha@", "@example.org", "12345", "011 2345 6789", "a" * 500, "\0@x.org"]
)
def test_what_is_no_address_is_refused_in_one_line(typed):
    with pytest.raises(Refused, match="expected") as refused:
        normal_contact(typed)
    assert "\n" not in str(refused.value)


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_refused(text):
    try:
        contact = normal_contact(text)
    except Refused:
        return
    assert normal_contact(contact.value) == contact


def test_a_masked_address_tells_its_owner_which_it_is_and_nobody_else():
    assert masked("meera@example.org") == "m•••@example.org"
    assert masked("+919810012345") == "+91•••••••345"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox on Linux"),
        ("curl/8.5", "curl"),
        ("<script>alert(1)</script>", "unknown device"),
        ("", "unknown device"),
    ],
)
def test_a_device_is_named_as_its_owner_knows_it(agent, words):
    assert people.device_words(agent) == words


@pytest.mark.parametrize(
    "password",
    ["short1!", "Password@123", "P@ssw0rd!23", "Krishna@108", "12345678", "87654321", "qwertyui", "aaaaaaaa",
     "abababab", "India@2026", "meera iyer", "meera@example", "ParkMeter2026", "1q2w3e4r", "x" * 200],
)  # fmt: skip
def test_a_password_that_is_tried_first_is_refused(password):
    with pytest.raises(passwords.WeakPassword):
        passwords.check(password, "Meera Iyer", "meera@example.org", shortest=8)


@pytest.mark.parametrize("password", ["rain on tin roofs", "kpW7#xq2", "nimbu pani 42", "धूप और छाँव"])
def test_any_other_may_be_used(password):
    passwords.check(password, "Meera Iyer", "meera@example.org", shortest=8)
