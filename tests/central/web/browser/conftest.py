"""Chromium over the pages, as the journeys have it."""

from tests.browser.conftest import visit

__all__ = ["visit"]
