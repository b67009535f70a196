"""Wiring: the payment provider that the settings name, and the mock one's own service."""

from __future__ import annotations

from urllib.parse import urlsplit

from central import keys
from central.payments.mock_console import MockConsole
from central.payments.mock_psp.app import PspConfig
from central.payments.mock_psp.serve import Psp
from central.payments.mock_upi import MockUpi
from central.payments.provider import PaymentProvider
from central.settings import Settings

_MERCHANT = "parkmeter"


def provider(settings: Settings) -> PaymentProvider:
    """A client of the provider; SettingsError when its secrets are missing."""
    api_secret, webhook_secret = (keys.read(settings, name).decode() for name in (keys.PSP_API, keys.PSP_WEBHOOK))
    return MockUpi(settings.payments.psp_url, _MERCHANT, api_secret, webhook_secret)


def console(settings: Settings) -> MockConsole:
    """What the mock provider does on command; SettingsError when its secret is missing."""
    return MockConsole(settings.payments.psp_url, _MERCHANT, keys.read(settings, keys.PSP_API).decode())


def webhook_path(provider_name: str) -> str:
    """Where on our own pages the provider announces payments."""
    return f"/webhooks/{provider_name}"


def mock_psp(settings: Settings) -> Psp:
    """The mock provider's service, listening where the settings say it is."""
    payments = settings.payments
    address = urlsplit(payments.psp_url)
    config = PspConfig(
        books_path=settings.data_dir / "mock-psp.db",
        key_id=_MERCHANT,
        key_secret=keys.read(settings, keys.PSP_API).decode(),
        webhook_url=f"http://{settings.http.host}:{settings.http.port}{webhook_path(MockUpi.name)}",
        webhook_secret=keys.read(settings, keys.PSP_WEBHOOK).decode(),
        merchant_vpa=payments.merchant_vpa,
        merchant_name=payments.merchant_name,
        base_url=payments.psp_url,
        collect=payments.collect,
    )
    return Psp(config, address.hostname or "127.0.0.1", address.port or 80)
