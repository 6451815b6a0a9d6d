"""The synthetic shopper of an order: profile and address, the same for all of a checkout."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from orderflow.sandbox.document_names import dashed_mark, digits, number
from orderflow.sandbox.store import Held

_FIRST_NAMES = ("Ana", "Bruno", "Clara", "Davi", "Elisa", "Fábio", "Gisele", "Hugo")
_LAST_NAMES = ("Almeida", "Barros", "Conceição", "Dias", "Esteves", "Ferraz", "Gouveia")


class _MadeUp(NamedTuple):
    """What is made up of a shopper.

    Attributes:
        name: First and last name.
        email: In a domain that is nobody's.
        alias: Stands behind the address that integrations are shown.
        profile_id: Id of the profile.
        address_id: Id of the address.
        house: Its number.
    """

    name: tuple[str, str]
    email: str
    alias: str
    profile_id: str
    address_id: str
    house: str


@lru_cache(maxsize=4_096)  # an order is asked for more than once
def _made_up(group: str) -> _MadeUp:
    """The shopper of a checkout."""
    place = number(group, "name")
    first = _FIRST_NAMES[place % len(_FIRST_NAMES)]
    last = _LAST_NAMES[place // len(_FIRST_NAMES) % len(_LAST_NAMES)]
    return _MadeUp(
        (first, last),
        f"shopper.{digits(6, group, 'email')}@example.com",
        f"-{digits(12, group, 'alias')}b.ct.vtex.com.br",
        dashed_mark(group, "profile"),
        digits(13, group, "address"),
        str(number(group, "number") % 900 + 1),
    )


def full_name(held: Held) -> tuple[str, str]:
    """First and last name."""
    said = held.placed.profile
    if said.get("firstName") or said.get("lastName"):
        return str(said.get("firstName") or ""), str(said.get("lastName") or "")
    return _made_up(held.group).name


def email(held: Held) -> str:
    """The shopper's own address; one that is made up is in a domain that is nobody's."""
    said = held.placed.profile.get("email")
    if isinstance(said, str) and said:
        return said
    return _made_up(held.group).email


def email_alias(held: Held) -> str:
    """The address that integrations are shown in place of the shopper's own."""
    return email(held) + _made_up(held.group).alias


def profile(held: Held, *, address: str) -> dict[str, object]:
    """``clientProfileData``, with *address* as e-mail."""
    first, last = full_name(held)
    return {
        "documentType": "cpf",
        "document": "00000000191",  # the number that everybody takes for an example
        "phone": "+5521900000000",
        "corporateName": None,
        "tradeName": None,
        "corporateDocument": None,
        "stateInscription": None,
        "corporatePhone": None,
        "isCorporate": False,
        "userProfileId": _made_up(held.group).profile_id,
        "userProfileVersion": None,
        "customerClass": None,
        "customerCode": None,
        **held.placed.profile,
        "id": "clientProfileData",
        "email": address,
        "firstName": first,
        "lastName": last,
    }


def address(held: Held) -> dict[str, object]:
    """``shippingData.address``."""
    made_up = _made_up(held.group)
    return {
        "addressType": "residential",
        "receiverName": " ".join(full_name(held)),
        "addressId": made_up.address_id,
        "versionId": None,
        "entityId": None,
        "postalCode": "22250-040",
        "city": "Rio de Janeiro",
        "state": "RJ",
        "country": "BRA",
        "street": "Praia de Botafogo",
        "number": made_up.house,
        "neighborhood": "Botafogo",
        "complement": "",
        "reference": None,
        "geoCoordinates": [-43.18259, -22.94436],
        **held.placed.address,
    }
