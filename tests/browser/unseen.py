"""Which pages nobody looked at, once every test of this folder has run, in however many processes."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from flask import Flask

# no page to look at: files, machines' doors, parts of pages, and addresses that lead elsewhere at once
NO_PAGE = {
    "static", "bootstrap.static", "api_document.openapi", "machines.ca", "machines.healthz", "staff.home",
    "money.home", "lanes.now", "dashboard.now", "me.now", "driver.open_ticket", "driver.stay",
    "lists.download",
}  # fmt: skip
FILES = ("as_csv", "csv", "export", "export_draft", "lines_csv", "picture")
FOLDER = Path(__file__).parent


def pages(app: Flask) -> set[str]:
    """The endpoints that show a page."""
    shown = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in rule.methods} - NO_PAGE
    return {one for one in shown if not one.startswith("api.") and one.split(".")[1] not in FILES}


class Tally:
    """Counts the tests that have ended, in a folder that all test processes of a run share."""

    def __init__(self, folder: Path, session: pytest.Session) -> None:
        self._folder = folder
        self._folder.mkdir(exist_ok=True)
        ours = [item for item in session.items if item.path.parent == FOLDER]
        asked = session.config
        part = asked.option.keyword or asked.getoption("lf", False) or any("::" in one for one in asked.args)
        whole = not part and {item.path for item in ours} == set(FOLDER.glob("test_*.py"))
        self._wanted = len(ours) if whole else None

    def ended(self, test: str) -> None:
        (self._folder / hashlib.sha256(test.encode()).hexdigest()).touch()

    def all_ended(self) -> bool:
        """Whether this run is of the whole folder, and nothing of it is left: the last process alone says yes."""
        return len(list(self._folder.iterdir())) == self._wanted
