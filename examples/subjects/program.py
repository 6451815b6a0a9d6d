"""A seller as a program: one JSON line in, one JSON line out, as ``docs/subjects.md`` says.

    python examples/subjects/program.py --wrong invoices-too-much

Any language will do for this; nothing of orderflow is needed.
"""

import argparse
import json
import sys

from seller import RefusedError
from wrong import WRONG, seller_named


def answers(seller):
    """Answer every line that comes in, until there are no more."""
    order = None
    for line in sys.stdin:
        asked = json.loads(line)
        answer = {}
        if asked["do"] == "hello":
            answer = {"version": 1, "numbered": True}
        elif asked["do"] == "begin":
            order = seller(asked["items"])
        elif asked["do"] == "advance":
            order.advance(asked["milliseconds"])
        elif asked["do"] == "fire":
            try:
                order.fire(asked["event"], asked["data"])
                answer = {"accepted": True}
            except RefusedError as error:
                answer = {"accepted": False, "told": str(error)}
        if "number" in asked:
            answer["number"] = asked["number"]
        if order is not None:
            answer.update(status=order.status, trigger=order.trigger)
        yield answer


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A seller as a program.")
    parser.add_argument("--wrong", choices=sorted(WRONG), default="")
    for answer in answers(seller_named(parser.parse_args().wrong)):
        print(json.dumps(answer), flush=True)
