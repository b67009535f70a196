"""What every test may use."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from jinja2 import FileSystemBytecodeCache

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# A shared two-core machine is slow at times: a property is judged by its truth, not by its pace. Every run looks for
# new examples, and prints how to run a failing one again.
settings.register_profile("default", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", parent=settings.get_profile("default"), max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(scope="session", autouse=True)
def templates_compiled_once(tmp_path_factory) -> Iterator[None]:
    """Each test has an app of its own; what its templates come to in bytecode is the same for all of them."""
    with pytest.MonkeyPatch.context() as patch:
        cache = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
        patch.setattr(Flask, "jinja_options", {**Flask.jinja_options, "bytecode_cache": cache})
        yield


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, one in a test process: Playwright can't be started in it twice."""
    from playwright.sync_api import sync_playwright  # most runs look at no page

    program = shutil.which("chromium")
    if program is None:
        pytest.skip("no Chromium here: apt install chromium")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()
