"""Chromium over the pages, as the journeys have it."""

from tests.browser.conftest import visit
from tests.central.web.conftest import park, quick_hashes, town, web_settings

__all__ = ["park", "quick_hashes", "town", "visit", "web_settings"]
