"""What every test may use."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from jinja2 import FileSystemBytecodeCache
from werkzeug.routing import Rule

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# A shared two-core machine is slow at times: a property is judged by its truth, not by its pace. Every run looks for
# new examples, and prints how to run a failing one again.
settings.register_profile("default", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", parent=settings.get_profile("default"), max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(scope="session", autouse=True)
def compiled_once(tmp_path_factory) -> Iterator[None]:
    """Each test has an app of its own; its templates and routes come to the same bytecode in all of them."""
    build = Rule._compile_builder

    @cache
    def built(rule: str, trace: tuple[tuple[bool, str], ...], append_unknown: bool) -> Callable[..., tuple[str, str]]:
        like = Rule(rule)
        like._trace = list(trace)
        return build(like, append_unknown)

    def compiled(self: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        if self.defaults:
            return build(self, append_unknown)
        return built(self.rule, tuple(self._trace), append_unknown)

    with pytest.MonkeyPatch.context() as patch:
        templates = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
        patch.setattr(Flask, "jinja_options", {**Flask.jinja_options, "bytecode_cache": templates})
        patch.setattr(Rule, "_compile_builder", compiled)
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
