"""Every table, by one name: import them from here."""

from central.store.base import Base, UtcDateTime
from central.store.enrolment import BrokerAccount, Certificate, EnrolmentCode
from central.store.money import Attempt, Due, InvoiceCounter, PaymentEvent, Receipt, Refund
from central.store.people import Audit, SetupLink, User
from central.store.places import AccessRule, AckCursor, Gate, GateEvent, GateFault, Image, Quarantine, Site
from central.store.queues import Job, MqttOutbox
from central.store.stays import Stay, StayEvent, TariffVersion

__all__ = [
    "AccessRule",
    "AckCursor",
    "Attempt",
    "Audit",
    "Base",
    "BrokerAccount",
    "Certificate",
    "Due",
    "EnrolmentCode",
    "Gate",
    "GateEvent",
    "GateFault",
    "Image",
    "InvoiceCounter",
    "Job",
    "MqttOutbox",
    "PaymentEvent",
    "Quarantine",
    "Receipt",
    "Refund",
    "SetupLink",
    "Site",
    "Stay",
    "StayEvent",
    "TariffVersion",
    "User",
    "UtcDateTime",
]
