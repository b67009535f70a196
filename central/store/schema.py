"""Every table, by one name: import them from here."""

from central.store.accounts import Account, AccountVehicle, Pass, PassProduct, Reminder, SavedUpi, WalletMove
from central.store.base import Base, UtcDateTime
from central.store.corrections import Booking, Correction, CorrectionImage
from central.store.coupons import Coupon, CouponUse, KeptAnswer, Shop
from central.store.enrolment import BrokerAccount, Certificate, EnrolmentCode
from central.store.ledger import (
    CreditNote,
    CreditNoteCounter,
    LedgerDay,
    LedgerDaySum,
    LedgerEntry,
    LedgerPosting,
    Shift,
)
from central.store.money import Attempt, Due, InvoiceCounter, PaymentEvent, Receipt, Refund
from central.store.people import Audit, SetupLink, User
from central.store.places import AccessRule, AckCursor, Gate, GateEvent, GateFault, Image, Quarantine, Site
from central.store.queues import Job, MqttOutbox
from central.store.settlement import SettlementFile, SettlementLine, Unreconciled
from central.store.stays import Stay, StayEvent, TariffVersion
from central.store.tariffs import TariffDraft
from central.store.violations import Violation, ViolationRule

__all__ = [
    "AccessRule",
    "Account",
    "AccountVehicle",
    "AckCursor",
    "Attempt",
    "Audit",
    "Base",
    "Booking",
    "BrokerAccount",
    "Certificate",
    "Correction",
    "CorrectionImage",
    "Coupon",
    "CouponUse",
    "CreditNote",
    "CreditNoteCounter",
    "Due",
    "EnrolmentCode",
    "Gate",
    "GateEvent",
    "GateFault",
    "Image",
    "InvoiceCounter",
    "Job",
    "KeptAnswer",
    "LedgerDay",
    "LedgerDaySum",
    "LedgerEntry",
    "LedgerPosting",
    "MqttOutbox",
    "Pass",
    "PassProduct",
    "PaymentEvent",
    "Quarantine",
    "Receipt",
    "Refund",
    "Reminder",
    "SavedUpi",
    "SettlementFile",
    "SettlementLine",
    "SetupLink",
    "Shift",
    "Shop",
    "Site",
    "Stay",
    "StayEvent",
    "TariffDraft",
    "TariffVersion",
    "Unreconciled",
    "User",
    "UtcDateTime",
    "Violation",
    "ViolationRule",
    "WalletMove",
]
