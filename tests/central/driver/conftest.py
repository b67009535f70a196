"""The pages, and a driver who has just registered, as the other pages' tests have them."""

from tests.central.people.pages.conftest import app, client, links, meera, park, quick_hashes, sign_in, web_settings

__all__ = ["app", "client", "links", "meera", "park", "quick_hashes", "sign_in", "web_settings"]
