"""What an order document says of the store: its preferences, and other parts that never change."""

from __future__ import annotations

from orderflow.sandbox.document_names import AFFILIATE, seller_name, upper_id
from orderflow.sandbox.store import Held


def preferences() -> dict[str, object]:
    """``storePreferencesData``: the sandbox sells in Brazil."""
    return {
        "countryCode": "BRA",
        "currencyCode": "BRL",
        "currencyFormatInfo": {
            "CurrencyDecimalDigits": 2,
            "CurrencyDecimalSeparator": ",",
            "CurrencyGroupSeparator": ".",
            "CurrencyGroupSize": 3,
            "StartsWithCurrencySymbol": True,
        },
        "currencyLocale": 1046,
        "currencySymbol": "R$",
        "timeZone": "E. South America Standard Time",
    }


def affiliate(held: Held) -> str:
    """``affiliateId``: empty for an order of the store's own."""
    if held.placed.marketplace is not None:
        return held.placed.marketplace.affiliate
    return AFFILIATE if upper_id(held) else ""


def endpoint(held: Held, host: str) -> str:
    """``marketplaceServicesEndpoint``: where the store of the sale is reached."""
    if held.placed.marketplace is not None and held.placed.marketplace.endpoint:
        return held.placed.marketplace.endpoint
    return f"http://{host}/api/oms?an={held.account}"


def sellers(held: Held, host: str) -> list[dict[str, object]]:
    """``sellers[]``: the one who handles the order now."""
    name = seller_name(held)
    return [
        {
            "id": name,
            "name": f"Sandbox seller {name}",
            "logo": None,
            "fulfillmentEndpoint": f"http://{host}/api/fulfillment?an={held.account}",
        }
    ]


def marketplace(held: Held, host: str) -> dict[str, object]:
    """``marketplace``: the store of the sale."""
    return {"baseURL": endpoint(held, host), "isCertified": None, "name": held.account}


def extras(held: Held) -> dict[str, object]:
    """Parts of the document that are empty unless they were sent when the order was placed."""
    return {
        "clientPreferencesData": {"locale": "pt-BR", "optinNewsLetter": False},
        "customData": {"customApps": [], "customFields": []},
        "invoiceData": None,
        "marketingData": _marketing(),
        "ratesAndBenefitsData": {"id": "ratesAndBenefitsData", "rateAndBenefitsIdentifiers": []},
        "marketplaceItems": [],
        "authorizationPolicyData": [],
        "taxData": None,
        "subscriptionData": None,
        "commercialConditionData": None,
        "openTextField": None,
        "callCenterOperatorData": None,
        "giftRegistryData": None,
        **held.placed.sections,
    }


def _marketing() -> dict[str, object]:
    return {
        "id": "marketingData",
        "utmSource": "",
        "utmPartner": "",
        "utmMedium": "",
        "utmCampaign": "",
        "utmiCampaign": "",
        "utmipage": "",
        "utmiPart": "",
        "coupon": None,
        "marketingTags": [],
    }
