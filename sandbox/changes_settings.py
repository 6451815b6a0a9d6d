"""Settings of order modifications: of an account, and of one request.

What an account has before it sets anything is a sandbox decision: that of the reference's example
without its custom payment systems. Only ``enableApi``, ``compensateShippingChanges`` and
``customPaymentSystemsAllowed`` have an effect: nothing recalculates taxes or promotions here, and
there is no Admin.
Source: Orders API, Get order modifications settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from orderflow.sandbox.dialect import bad_request

_PIPELINE = (
    ("enableTaxHubRecalculation", "tax_hub"),
    ("compensateShippingChanges", "compensates_shipping"),
    ("enablePromotionRecalculation", "promotions"),
    ("enableNativeTaxRecalculation", "native_tax"),
)
_MOST_NAMES, _LONGEST = 100, 100


@dataclass(frozen=True, slots=True)
class ChangeSettings:
    """Settings of order modifications.

    Attributes:
        payment_systems: Custom payment systems that may be charged more.
        untouched: Nobody has set anything.
        api: Modifications may be made through the API.
        admin: Workspaces of the Admin that may make some.
        my_orders: Workspaces of My Account that may make some.
        tax_hub: Taxes are calculated again.
        compensates_shipping: Shipping costs stay as they are.
        promotions: Promotions are calculated again.
        native_tax: Native taxes are calculated again.
    """

    payment_systems: tuple[str, ...] = ()
    untouched: bool = True
    api: bool = True
    admin: tuple[str, ...] = ("*",)
    my_orders: tuple[str, ...] = ("*",)
    tax_hub: bool = False
    compensates_shipping: bool = True
    promotions: bool = False
    native_tax: bool = False

    def as_sent(self) -> dict[str, object]:
        """As the settings are read and written; ``usingDefaultBehavior`` is read only."""
        pipeline: dict[str, object] = {
            name: getattr(self, attribute) for name, attribute in _PIPELINE
        }
        return {
            "paymentConfiguration": {"customPaymentSystemsAllowed": list(self.payment_systems)},
            "rolloutConfiguration": {
                "usingDefaultBehavior": self.untouched,
                "enableApi": self.api,
                "enableAdminOrders": {"enabledWorkspaces": list(self.admin)},
                "enableMyOrders": {"enabledWorkspaces": list(self.my_orders)},
            },
            "pipelineConfiguration": pipeline,
        }


def changed(settings: ChangeSettings, sent: Mapping[str, object]) -> ChangeSettings:
    """*settings* with what was *sent*; what is not named stays.

    Raises:
        DialectError: A field has the wrong type.
    """
    payment = _section(sent, "paymentConfiguration")
    rollout = _section(sent, "rolloutConfiguration")
    pipeline = _section(sent, "pipelineConfiguration")
    admin = _section(rollout, "enableAdminOrders")
    mine = _section(rollout, "enableMyOrders")
    flags = {
        attribute: _flag(pipeline, name, usual=getattr(settings, attribute))
        for name, attribute in _PIPELINE
    }
    return replace(
        settings,
        payment_systems=_names(payment, "customPaymentSystemsAllowed", settings.payment_systems),
        untouched=settings.untouched and not sent,
        api=_flag(rollout, "enableApi", usual=settings.api),
        admin=_names(admin, "enabledWorkspaces", settings.admin),
        my_orders=_names(mine, "enabledWorkspaces", settings.my_orders),
        **flags,
    )


def _section(sent: Mapping[str, object], name: str) -> Mapping[str, object]:
    found = sent.get(name)
    if found is None or found == []:
        return {}
    if not isinstance(found, dict):
        raise bad_request(f"The field {name} must be an object")
    return found


def _flag(sent: Mapping[str, object], name: str, *, usual: bool) -> bool:
    found = sent.get(name)
    if found is None:
        return usual
    if not isinstance(found, bool):
        raise bad_request(f"The field {name} must be a boolean")
    return found


def _names(sent: Mapping[str, object], name: str, usual: tuple[str, ...]) -> tuple[str, ...]:
    found = sent.get(name)
    if found is None:
        return usual
    if not isinstance(found, list) or len(found) > _MOST_NAMES:
        raise bad_request(f"The field {name} must be an array of at most {_MOST_NAMES} strings")
    names = tuple(each[:_LONGEST] for each in found if isinstance(each, str))
    if len(names) != len(found):
        raise bad_request(f"The field {name} must be an array of strings")
    return names
