"""Every table, by one name: import them from here."""

from central.store.accounts import Account, AccountVehicle, Pass, PassProduct, Reminder, SavedUpi, WalletMove
from central.store.api import ApiAnswer, ApiEvent, ApiToken, WebhookDelivery, WebhookEndpoint
from central.store.audit import AuditCut, AuditHead, AuditLink, AuditPlate, PictureLook
from central.store.base import Base, UtcDateTime
from central.store.corporate import (
    CorporateCreditNote,
    CorporateInvoice,
    CorporateLine,
    CorporateMove,
    CorporatePart,
    CorporatePayment,
    CorporateTerms,
)
from central.store.corrections import Booking, Correction, CorrectionImage
from central.store.coupons import Coupon, CouponUse, KeptAnswer, Shop
from central.store.day_figures import DayFigure, GateSample, OccupancySample
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
from central.store.money_back import CardPayout, OddDecision, SettlementDay
from central.store.notifications import GuestContact, Notification, NotificationChoice
from central.store.people import (
    Audit,
    Invitation,
    LoginEvent,
    OneTimeCode,
    PlateClaim,
    RecoveryCode,
    SetupLink,
    User,
    UserSession,
)
from central.store.places import AccessRule, AckCursor, Gate, GateEvent, GateFault, Image, Quarantine, Site
from central.store.queues import Job, MqttOutbox
from central.store.retention import LegalHold, RetentionRun
from central.store.settlement import SettlementFile, SettlementLine, Unreconciled
from central.store.stays import Stay, StayEvent, TariffVersion
from central.store.tariffs import TariffDraft
from central.store.violations import Violation, ViolationRule

__all__ = [
    "AccessRule",
    "Account",
    "AccountVehicle",
    "AckCursor",
    "ApiAnswer",
    "ApiEvent",
    "ApiToken",
    "Attempt",
    "Audit",
    "AuditCut",
    "AuditHead",
    "AuditLink",
    "AuditPlate",
    "Base",
    "Booking",
    "BrokerAccount",
    "CardPayout",
    "Certificate",
    "CorporateCreditNote",
    "CorporateInvoice",
    "CorporateLine",
    "CorporateMove",
    "CorporatePart",
    "CorporatePayment",
    "CorporateTerms",
    "Correction",
    "CorrectionImage",
    "Coupon",
    "CouponUse",
    "CreditNote",
    "CreditNoteCounter",
    "DayFigure",
    "Due",
    "EnrolmentCode",
    "Gate",
    "GateEvent",
    "GateFault",
    "GateSample",
    "GuestContact",
    "Image",
    "Invitation",
    "InvoiceCounter",
    "Job",
    "KeptAnswer",
    "LedgerDay",
    "LedgerDaySum",
    "LedgerEntry",
    "LedgerPosting",
    "LegalHold",
    "LoginEvent",
    "MqttOutbox",
    "Notification",
    "NotificationChoice",
    "OccupancySample",
    "OddDecision",
    "OneTimeCode",
    "Pass",
    "PassProduct",
    "PaymentEvent",
    "PictureLook",
    "PlateClaim",
    "Quarantine",
    "Receipt",
    "RecoveryCode",
    "Refund",
    "Reminder",
    "RetentionRun",
    "SavedUpi",
    "SettlementDay",
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
    "UserSession",
    "UtcDateTime",
    "Violation",
    "ViolationRule",
    "WalletMove",
    "WebhookDelivery",
    "WebhookEndpoint",
]
