"""The pages, and visitors of each kind, as the other pages' tests have them."""

from tests.central.web.conftest import app, client, links, park, quick_hashes, sign_in, web_settings

__all__ = ["app", "client", "links", "park", "quick_hashes", "sign_in", "web_settings"]
