"""The pages, and visitors of each kind, as the other pages' tests have them."""

import pytest

from tests.central.people.pages.meera import registered
from tests.central.web.conftest import app, client, links, park, quick_hashes, sign_in, town, web_settings

__all__ = ["app", "client", "links", "meera", "park", "quick_hashes", "sign_in", "town", "web_settings"]


@pytest.fixture
def meera(app, park):
    """A driver who has just registered, logged in."""
    return registered(app, park)
