"""The example integrations, each with one mistake that real ones make.

    python broken.py                    what there is
    python broken.py --mistake CM-02    the ERP that commits what failed

A judge of integrations is worth as much as its controls: here they are. ``MISTAKES`` tells which
rules each of them breaks, and in which scenario it shows.
"""

import argparse

import erp
import external_seller
import hook_receiver
import marketplace_connector
import mistakes_calls
import mistakes_feed
import mistakes_hook
import mistakes_market
import mistakes_orders
import mistakes_seller
from listener import Caller
from mistakes import MISTAKES
from orders_api import OrdersApi

MADE_IN = (
    *(mistakes_feed, mistakes_orders, mistakes_calls, mistakes_hook),
    *(mistakes_seller, mistakes_market),
)
MAINS = {
    "erp": erp.main,
    "seller": external_seller.main,
    "market": marketplace_connector.main,
}


def table():
    for code, one in sorted(MISTAKES.items()):
        print(f"{code:12} {one.example:6} {one.says}; {', '.join(one.breaks) or 'no rule'}")


def run(one):
    api = getattr(one.worker, "api_class", OrdersApi)
    if one.example == "hook":
        hook_receiver.main(one.worker, api, getattr(one.worker, "caller", Caller))
    else:
        MAINS[one.example](one.worker, api)


def main():
    parser = argparse.ArgumentParser(description="An integration with a mistake.")
    parser.add_argument("--mistake", choices=sorted(MISTAKES), metavar="CODE")
    wanted = parser.parse_args().mistake
    if wanted:
        run(MISTAKES[wanted])
    else:
        table()


if __name__ == "__main__":
    main()
