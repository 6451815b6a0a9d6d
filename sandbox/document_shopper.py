"""The synthetic shopper of an order: profile and address, the same for all of a checkout."""

from __future__ import annotations

from orderflow.sandbox.document_names import dashed_mark, digits, mark
from orderflow.sandbox.store import Held

_FIRST_NAMES = ("Ana", "Bruno", "Clara", "Davi", "Elisa", "Fábio", "Gisele", "Hugo")
_LAST_NAMES = ("Almeida", "Barros", "Conceição", "Dias", "Esteves", "Ferraz", "Gouveia")


def full_name(held: Held) -> tuple[str, str]:
    """First and last name."""
    said = held.placed.profile
    if said.get("firstName") or said.get("lastName"):
        return str(said.get("firstName") or ""), str(said.get("lastName") or "")
    number = int(mark(held.group, "name"), 16)
    return (
        _FIRST_NAMES[number % len(_FIRST_NAMES)],
        _LAST_NAMES[number // len(_FIRST_NAMES) % len(_LAST_NAMES)],
    )


def email(held: Held) -> str:
    """The shopper's own address; one that is made up is in a domain that is nobody's."""
    said = held.placed.profile.get("email")
    if isinstance(said, str) and said:
        return said
    return f"shopper.{digits(6, held.group, 'email')}@example.com"


def email_alias(held: Held) -> str:
    """The address that integrations are shown in place of the shopper's own."""
    return f"{email(held)}-{digits(12, held.group, 'alias')}b.ct.vtex.com.br"


def profile(held: Held, *, address: str) -> dict[str, object]:
    """``clientProfileData``, with *address* as e-mail."""
    first, last = full_name(held)
    return {
        **_made_up(held),
        **held.placed.profile,
        "id": "clientProfileData",
        "email": address,
        "firstName": first,
        "lastName": last,
    }


def _made_up(held: Held) -> dict[str, object]:
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
        "userProfileId": dashed_mark(held.group, "profile"),
        "userProfileVersion": None,
        "customerClass": None,
        "customerCode": None,
    }


def address(held: Held) -> dict[str, object]:
    """``shippingData.address``."""
    return {
        "addressType": "residential",
        "receiverName": " ".join(full_name(held)),
        "addressId": digits(13, held.group, "address"),
        "versionId": None,
        "entityId": None,
        "postalCode": "22250-040",
        "city": "Rio de Janeiro",
        "state": "RJ",
        "country": "BRA",
        "street": "Praia de Botafogo",
        "number": str(int(mark(held.group, "number"), 16) % 900 + 1),
        "neighborhood": "Botafogo",
        "complement": "",
        "reference": None,
        "geoCoordinates": [-43.18259, -22.94436],
        **held.placed.address,
    }
