"""The staff's menus: each role sees what it may open, and nothing else; every entry opens."""

from __future__ import annotations

import re

import pytest

from edge.protocol.messages import GateNotice
from tests.central.desk.test_review import enter
from tests.central.web.town import now

OF_THE_DAY = ["Lanes", "Review", "Stays"]


def menu(html: str) -> str:
    return html.split('class="staff-menu', 1)[1].split("</nav>", 1)[0]


def entries(html: str) -> dict[str, str]:
    """Names and addresses."""
    found = re.findall(r'<a class="[^"]*"[^>]*href="([^"]+)">([^<]+)', menu(html))
    return {name.strip(): address for address, name in found}


@pytest.mark.parametrize(
    ("role", "sees", "never"),
    [
        ("attendant", ["Till and books", "Violations", "Accounts", "Passes", "Tariffs"], ["Today", "Gates"]),
        ("supervisor", ["Today", "Reports", "Claims", "Firms", "Coupons", "Gates", "Access list"], ["Audit", "Users"]),
        ("manager", ["Audit", "Retention"], ["Users", "Integrations", "Mock payments"]),
        ("administrator", ["Users", "Integrations", "Mock payments"], []),
    ],
)  # fmt: skip
def test_a_role_sees_what_it_may_open_and_every_entry_opens(sign_in, role, sees, never):
    visitor = sign_in(role)
    found = entries(visitor.get("/lanes").text)
    assert {*OF_THE_DAY, *sees} <= set(found) and not set(never) & set(found)
    for name, address in found.items():
        page = visitor.get(address, follow_redirects=True)
        assert page.status_code == 200, name
        here = re.findall(r'aria-current="page"[^>]*href="([^"]+)"', menu(page.text))
        assert here == [address] or address == "/money", name


def test_what_waits_is_counted_beside_its_entry(park, sign_in):
    visitor = sign_in()
    assert "badge" not in menu(visitor.get("/lanes").text)
    enter(park, None, 0)
    call = GateNotice(code="help_called", severity="info", detail="the button was pressed")
    park.hear(park.entry.report(call, now()), now=now())
    found = re.findall(r">([A-Za-z]+) <span class=\"badge[^>]*>(\d+)", menu(visitor.get("/stays").text))
    assert found == [("Lanes", "1"), ("Review", "1")]


def test_the_menus_need_no_script(sign_in):
    html = menu(sign_in("administrator").get("/lanes").text)
    assert html.count("<details") == html.count("<summary") == 3 and "onclick" not in html
