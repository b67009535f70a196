"""The words of the Alliance for Parking Data Standards' API 4.0 that we use; values are rupees, names are camelCase."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from central.api.resources.apds_rates import RateLineCollection
from central.api.words import Answer, Instant, Page


class Words(Answer):
    """A text in one language."""

    language: Literal["en"] = "en"
    string: str


class Reference(Answer):
    id: str
    version: int
    className: str


class Supply(Answer):
    supplyViewType: Literal["vehicleView"] = "vehicleView"
    supplyQuantity: int


class DemandType(Answer):
    occupancyCalculation: Literal["counted"] = "counted"
    count: int
    recordDateTime: Instant


class Demand(Answer):
    timestamp: Instant
    demandType: list[DemandType]


class HierarchyElementReference(Answer):
    elementId: Reference
    supply: list[Supply]
    demandTable: list[Demand]


class Place(Answer):
    id: str
    version: int
    type: Literal["place"] = "place"
    layer: int
    name: list[Words]
    timeZone: str
    hierarchyElementReference: HierarchyElementReference


class PlaceList(Answer):
    data: list[Place]


class RateTable(Answer):
    id: str
    version: int
    rateTableName: list[Words]
    availability: Literal["public"] = "public"
    hierarchyElement: Reference
    validityStart: Instant
    validityEnd: Instant | None
    rateLineCollections: list[RateLineCollection]
    additionalInformation: list[Words] = Field(description="What the lines can't say; empty where they say all.")


class RateTablePage(Page):
    data: list[RateTable]


class CredentialIdentifier(Answer):
    id: str
    className: str


class Credential(Answer):
    type: Literal["licensePlate", "electronicID"]
    credentialAssignedType: Literal["vehicle", "other"]
    identifier: CredentialIdentifier


class Session(Answer):
    id: str
    version: int
    actualStart: Instant
    actualEnd: Instant | None
    initiator: Reference
    hierarchyElement: Reference
    identifiedCredentials: list[Credential]


class SessionPage(Page):
    data: list[Session]


class Quote(Answer):
    """What a stay of that length would cost. value: rupees, tax included."""

    hierarchyElement: Reference
    rateTable: Reference
    startTime: Instant
    endTime: Instant
    currency: Literal["INR"] = "INR"
    value: float
