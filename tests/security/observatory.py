"""How MDN's HTTP Observatory grades a site, as its published scoring table has it.

Source: github.com/mdn/mdn-http-observatory, src/grader/charts.js (SCORE_TABLE, GRADE_CHART) and src/analyzer/. A site
starts at 100; what is wrong takes points off; bonuses count only from 90 points without them. Left out are what only a
scan from outside can see: the certificate, and the browsers' list of preloaded hosts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html.parser import HTMLParser

BONUS_FROM = 90
# the least points of each grade
GRADES = {100: "A+", 90: "A", 85: "A-", 80: "B+", 70: "B", 65: "B-", 60: "C+", 50: "C", 45: "C-", 40: "D+", 30: "D"}
SIX_MONTHS_S = 15_768_000
PRIVATE = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
Headers = Mapping[str, str]


def graded(scores: Iterable[int]) -> tuple[int, str]:
    """Points and grade of what the tests gave."""
    scores = list(scores)
    points = 100 + sum(score for score in scores if score < 0)
    if points >= BONUS_FROM:
        points += sum(score for score in scores if score > 0)
    return points, next((grade for least, grade in GRADES.items() if points >= least), "F")


def policy(headers: Headers) -> dict[str, list[str]]:
    """The directives of the Content-Security-Policy."""
    parts = [part.split() for part in headers.get("Content-Security-Policy", "").split(";") if part.strip()]
    return {name: sources for name, *sources in parts}


def csp(headers: Headers) -> int:
    found = policy(headers)
    if not found:
        return -25
    default = found.get("default-src", ["*"])
    scripts, objects = found.get("script-src", default), found.get("object-src", default)
    too_wide = {"'unsafe-inline'", "data:", "https:", "http:", "*", "blob:"}
    if too_wide & {*scripts, *objects}:
        return -20
    if any("'unsafe-eval'" in sources for sources in found.values()):
        return -10
    if any(source.startswith("http:") for sources in found.values() for source in sources):
        return -20
    if too_wide & set(found.get("style-src", default)):
        return 0
    closed = default == ["'none'"] and found.get("form-action") in (["'none'"], ["'self'"])
    return 10 if closed else 5


def cookies(set_cookies: Iterable[str]) -> int:
    """The worst of all cookies, since each is judged by its own flags."""
    worst = 5
    for line in set_cookies:
        flags = {flag.strip().lower() for flag in line.split(";")[1:]}
        if "secure" not in flags:
            worst = min(worst, -20)
        if "httponly" not in flags:
            worst = min(worst, -30)
        if not flags & {"samesite=lax", "samesite=strict"}:
            worst = min(worst, 0)
    return worst


def cors(headers: Headers) -> int:
    reflected = headers.get("Access-Control-Allow-Origin") not in (None, "*")
    return -50 if reflected and headers.get("Access-Control-Allow-Credentials") == "true" else 0


def redirection(to: str | None, host: str) -> int:
    """to: where a visitor who came by http is sent, None where they are served."""
    if to is None:
        return -20
    if not to.startswith("https://"):
        return -10
    return 0 if to.startswith(f"https://{host}/") else -5


def hsts(headers: Headers) -> int:
    parts = [part.strip() for part in headers.get("Strict-Transport-Security", "").split(";")]
    ages = [int(part.removeprefix("max-age=")) for part in parts if part.startswith("max-age=")]
    if len(ages) != 1:
        return -20
    return 0 if ages[0] >= SIX_MONTHS_S else -10


def referrer(headers: Headers) -> int:
    said = headers.get("Referrer-Policy")
    if said is None:
        return 0
    return 5 if said.split(",")[-1].strip() in PRIVATE else -5


def nosniff(headers: Headers) -> int:
    return 0 if headers.get("X-Content-Type-Options") == "nosniff" else -5


def framing(headers: Headers) -> int:
    if "frame-ancestors" in policy(headers):
        return 5
    return 0 if headers.get("X-Frame-Options") in ("DENY", "SAMEORIGIN") else -20


def resources(headers: Headers) -> int:
    said = headers.get("Cross-Origin-Resource-Policy")
    return {None: 0, "cross-origin": 0, "same-origin": 10, "same-site": 10}.get(said, -5)


def integrity(html: str) -> int:
    """Scripts of our own host need no hash; others do."""
    foreign = [src for src in Tags(html).scripts if src.startswith(("http:", "https:", "//"))]
    if any(src.startswith(("http:", "//")) for src in foreign):
        return -50
    return -5 if foreign else 0


class Tags(HTMLParser):
    """What a page brings along: the sources of its scripts, and what stands inline though the policy forbids it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.inline: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script" and given.get("src"):
            self.scripts.append(given["src"] or "")
        elif tag in ("script", "style"):
            self.inline.append(f"<{tag}>")
        self.inline += [f"<{tag} {name}>" for name in given if name == "style" or name.startswith("on")]
        self.inline += [
            f"<{tag} {name}=javascript:>"
            for name, value in attrs
            if (value or "").strip().lower().startswith("javascript:")
        ]
