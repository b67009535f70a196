"""The pages, and visitors of each kind, as the other pages' tests have them."""

from tests.central.web.conftest import app, links, park, quick_hashes, sign_in, town, web_settings

__all__ = ["app", "links", "park", "quick_hashes", "sign_in", "town", "web_settings"]
