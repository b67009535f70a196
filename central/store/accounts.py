"""Tables of accounts: who holds passes and a wallet at a site, which vehicles they have, and what was sold to them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from central.store.base import Base, Instant, Name, Paise, Plate, Text, Uuid, Word


class Account(Base):
    """A person or firm that owes for itself, and not for one stay.

    user_id       the driver who logs in and has it, None for one that the office keeps; a driver has one at a site
    phone, email  where it can be told, "" where it can't
    review        why a person should look at it, None when nobody need
    low_wallet_paise  its holder is told when the wallet falls below that, None: never
    wallet_low_since  it has been below since then, None while it is not
    """

    __tablename__ = "account"
    __table_args__ = (Index("uq_account_user_id_site_id", "user_id", "site_id", unique=True),)

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    site_id: Mapped[Name] = mapped_column(ForeignKey("site.id"), index=True)
    user_id: Mapped[Uuid | None] = mapped_column(ForeignKey("user_account.id"))
    name: Mapped[Text]
    phone: Mapped[Text] = mapped_column(default="")
    email: Mapped[Text] = mapped_column(default="")
    review: Mapped[Text | None]
    low_wallet_paise: Mapped[Paise | None]
    wallet_low_since: Mapped[Instant | None]
    created_at: Mapped[Instant]
    by: Mapped[Text]


class AccountVehicle(Base):
    """A vehicle registered to an account; a plate is one account's at a site.

    pays_itself  its owner has switched on that the wallet pays at the exit, where the plate was read exactly
    on_account_since  its stays go on the account's next invoice since then, None: they don't
    """

    __tablename__ = "account_vehicle"
    __table_args__ = (UniqueConstraint("site_id", "plate"),)

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    account_id: Mapped[Uuid] = mapped_column(ForeignKey("account.id"), index=True)
    site_id: Mapped[Name] = mapped_column(ForeignKey("site.id"))
    plate: Mapped[Plate]
    pays_itself: Mapped[bool]
    on_account_since: Mapped[Instant | None]
    changed_at: Mapped[Instant]


class PassProduct(Base):
    """A pass that a site sells. It never changes once sold: another is made instead.

    vehicle_classes  those it is for
    price_paise      tax included
    days, hours      how long it holds
    plates           how many vehicles it is for at most
    ended_at         no longer sold, nor renewed
    """

    __tablename__ = "pass_product"

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    site_id: Mapped[Name] = mapped_column(ForeignKey("site.id"), index=True)
    name: Mapped[Text]
    vehicle_classes: Mapped[list[Any]]
    price_paise: Mapped[Paise]
    tax_rate_bp: Mapped[int]
    days: Mapped[int]
    hours: Mapped[int]
    plates: Mapped[int]
    created_at: Mapped[Instant]
    by: Mapped[Text]
    ended_at: Mapped[Instant | None]


class Pass(Base):
    """One pass sold to an account.

    plates      [{"plate", "class"}, ...]
    state       a word of `central.rules.passes`
    due_id      what it costs
    renews      the pass it goes on from
    """

    __tablename__ = "pass"
    __table_args__ = (
        Index(None, "state", "valid_until"),
        Index(None, "account_id", "state"),
        UniqueConstraint("renews"),
    )

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    product_id: Mapped[Uuid] = mapped_column(ForeignKey("pass_product.id"))
    account_id: Mapped[Uuid] = mapped_column(ForeignKey("account.id"))
    site_id: Mapped[Name] = mapped_column(ForeignKey("site.id"))
    plates: Mapped[list[Any]]
    valid_from: Mapped[Instant]
    valid_until: Mapped[Instant]
    state: Mapped[Word]
    due_id: Mapped[Uuid] = mapped_column(ForeignKey("due.id"), unique=True)
    renews: Mapped[Uuid | None] = mapped_column(ForeignKey("pass.id"))
    created_at: Mapped[Instant]
    by: Mapped[Text]
    changed_at: Mapped[Instant]


class Reminder(Base):
    """Its holder is to be told that a pass runs out; the message carries the link that renews it.

    sent_at  None while it waits to be sent
    """

    __tablename__ = "pass_reminder"

    pass_id: Mapped[Uuid] = mapped_column(ForeignKey("pass.id"), primary_key=True)
    made_at: Mapped[Instant]
    sent_at: Mapped[Instant | None]


class WalletMove(Base):
    """Which account's wallet an entry of the books moved.

    paise  put into it, below 0 what was taken out: as its entry says, kept so that no page adds up the books
    """

    __tablename__ = "wallet_move"
    __table_args__ = (Index(None, "account_id", "at", "paise"),)

    entry_key: Mapped[Text] = mapped_column(primary_key=True)
    account_id: Mapped[Uuid] = mapped_column(ForeignKey("account.id"))
    at: Mapped[Instant]
    paise: Mapped[Paise] = mapped_column(server_default="0")


class SavedUpi(Base):
    """A UPI ID that an account has saved; the row goes when its owner says so. One of an account is the default."""

    __tablename__ = "saved_upi"
    __table_args__ = (
        UniqueConstraint("account_id", "upi_id"),
        Index(
            "uq_saved_upi_default",
            "account_id",
            unique=True,
            sqlite_where=text("is_default"),
            postgresql_where=text("is_default"),
        ),
    )

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    account_id: Mapped[Uuid] = mapped_column(ForeignKey("account.id"))
    upi_id: Mapped[Text]
    is_default: Mapped[bool]
    created_at: Mapped[Instant]
