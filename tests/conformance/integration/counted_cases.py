"""Near misses: how often a rule was kept, and how often broken, where a little decides."""

from __future__ import annotations

from orderflow.conformance.integration.operations import (
    CANCEL_NEWS,
    CANCELLATION,
    FULFILL,
    OLD_CHANGE,
    PERSONAL_INVOICE,
    PLACEMENT,
    SELLER_CANCEL,
    SIMULATION,
)
from orderflow.conformance.integration.operations import (
    SELLER_INVOICE as BY_SELLER,
)
from orderflow.conformance.integration.seen import INVOICE
from orderflow.conformance.integration.seen import ORDER as GET
from tests.conformance.integration.cancelling_cases import (
    ASK,
    ASKED,
    IN_HANDLING,
    OWN,
    RAN_OUT,
    REFUSED,
    SELLERS,
    SOLD,
)
from tests.conformance.integration.cancelling_cases import CANCELED as DROPPED
from tests.conformance.integration.change_cases import ODD, STARTED, change, old
from tests.conformance.integration.handling_cases import ASKED as ASKED_WHEN_READY
from tests.conformance.integration.handling_cases import CANCELED, NEWS
from tests.conformance.integration.handling_cases import ORDER as WAITING
from tests.conformance.integration.handling_cases import STARTED as UNDER_WAY
from tests.conformance.integration.invoice_cases import DONE, NEW_VALUE
from tests.conformance.integration.invoice_cases import ORDER as IN_STOCK
from tests.conformance.integration.marketplace_cases import (
    BOOKS,
    PAID,
    SALE,
    approve,
    fulfill,
    integrate,
    news,
    place,
    result,
)
from tests.conformance.integration.marketplace_cases import SOLD as TOLD_SOLD
from tests.conformance.integration.orders import (
    Counted,
    cancel,
    deny,
    invoice,
    returned,
    start,
    steps,
)
from tests.conformance.integration.seller_cases import EMPTY, agree, asked, placement
from tests.conformance.integration.seller_cases import ORDER as OUTSIDE
from tests.conformance.integration.seller_cases import cancel as seller_cancels
from tests.conformance.integration.traces import (
    INVOICED,
    READY,
    act,
    call,
    commit,
    course,
    get,
    item,
    note,
    read,
    scene,
    step,
    told,
)

BACK = steps("handling", "cancellation-requested", "ready-for-handling")
HOOKED = told("hook notification", "o", "ready-for-handling", notification="n")
UNNAMED = told("hook notification", "o", "ready-for-handling")
NEWS_AGAIN = read(item("e2", "o", "ready-for-handling"))
REFUSAL = start(409, "canceled")
WEIGHED = {"status": "handling", "value": 8_000}
OTHER = call(GET, "o", 500, before="ready-for-handling")
UNCLEAR = cancel("handling", ASK, 500, done=200)
SHIPPED = invoice(before="cancel")
EARLY = (step("o", "payment-approved", ASK), cancel("payment-approved", ASK))
OTHER_ODD = get("o", "x", faults=("list.portuguese_description",))
LATE_CANCEL = cancel("invoiced", "invoiced", 400)

COUNTED: list[Counted] = [
    # kept, broken
    (
        "B-26",
        1,
        0,
        (WAITING, NEWS, start(), UNDER_WAY, BACK, NEWS_AGAIN, CANCELED, REFUSAL),
    ),
    (
        "B-26",
        1,
        0,
        (WAITING, NEWS, start(), UNDER_WAY, get("o", READY[-1]), start(409, "handling")),
    ),
    ("B-26", 1, 1, (WAITING, NEWS, start(), UNDER_WAY, NEWS_AGAIN, start(409, "handling"))),
    ("B-26", 0, 0, (WAITING, HOOKED, CANCELED, REFUSAL)),
    ("B-26", 0, 1, (WAITING, HOOKED, CANCELED, REFUSAL, HOOKED, REFUSAL)),
    ("B-26", 0, 0, (WAITING, UNNAMED, CANCELED, REFUSAL, UNNAMED, REFUSAL)),
    ("B-26", 0, 2, (start(500, "payment-pending"), start(409, "payment-pending"))),
    ("B-26", 0, 0, (start(409, ""), start(403, "payment-pending"))),
    ("B-27", 1, 0, (WAITING, get("o"), start(500), start(), UNDER_WAY, get("o"))),
    ("B-27", 0, 0, (WAITING, get("o"), start(500))),
    ("B-27", 0, 1, (WAITING, start(), start(409, "handling"))),
    ("B-28", 0, 0, scene("s", WAITING, NEWS, OTHER, commit("h-e"))),
    ("B-28", 0, 0, scene("s", WAITING, NEWS, start(500, "payment-pending"), commit("h-e"))),
    ("B-28", 2, 0, scene("s", WAITING, NEWS, start(500), start(500), start())),
    ("B-29", 0, 1, (WAITING, start(500), start())),
    ("B-29", 1, 0, (WAITING, get("o"), start(500), start())),
    ("B-30", 1, 0, (WAITING, NEWS, start(500), CANCELED, get("o", "canceled"))),
    ("B-30", 0, 1, (WAITING, CANCELED, REFUSAL, REFUSAL, REFUSAL)),
    ("B-30", 0, 0, (WAITING, get("o", "canceled"))),
    ("B-30", 0, 0, (WAITING, NEWS, CANCELED, commit("h-e"))),
    ("B-30", 0, 0, (WAITING, NEWS, CANCELED, REFUSAL, read())),
    ("B-31", 0, 0, (WAITING, invoice(before="", status=409))),
    ("B-31", 0, 0, (WAITING, returned(before="handling"), invoice(status=401))),
    ("B-31", 0, 0, (WAITING, invoice(before="invoiced", status=400))),
    ("B-33", 1, 0, invoice(cents=100)),
    ("B-33", 1, 1, (IN_STOCK, invoice(cents=100, items=()), invoice(cents=0))),
    ("B-33", 0, 2, (invoice(cents=None), invoice(cents=10_000, value_type="decimal"))),
    ("B-33", 1, 0, (IN_STOCK, invoice(cents=101))),
    ("B-34", 0, 1, scene("s", IN_STOCK, invoice(cents=10_001, status=400))),
    ("B-34", 0, 0, scene("s", invoice())),
    ("B-34", 1, 0, (IN_STOCK, invoice(), DONE, invoice(cents=20_000, before="invoiced"))),
    ("B-34", 0, 0, scene("s", IN_STOCK, NEW_VALUE, invoice())),
    ("B-35", 0, 0, (IN_STOCK, invoice("1", 6_000), invoice("2", 4_000, status=409))),
    ("B-35", 1, 0, (IN_STOCK, invoice("1"), invoice("1", status=500))),
    ("B-35", 2, 1, (invoice("1", 1), invoice("2", 2), invoice("2", 3), invoice("3", 4))),
    ("B-36", 0, 0, call(INVOICE, "o")),
    ("B-37", 0, 0, (invoice(issued="date", status=401), invoice(status=404, issued="sql"))),
    ("B-38", 0, 0, invoice("1/2", status=401)),
    ("B-53", 0, 0, (IN_STOCK, returned(before="handling", status=401))),
    ("B-53", 2, 0, (IN_STOCK, invoice(), returned(before="invoice"), returned())),
    ("B-53", 1, 0, (course("o", *INVOICED), returned())),
    ("B-39", 0, 0, (IN_STOCK, invoice("1", 6_000), cancel("handling", "handling", 403))),
    ("B-39", 0, 0, (invoice("1", 6_000), cancel("handling", ASK))),
    ("B-40", 0, 0, (SOLD, returned(status=400), returned(before="handling"))),
    (
        "B-40",
        0,
        0,
        (IN_HANDLING, DONE, invoice(after="invoiced", status=409, done=200), LATE_CANCEL),
    ),
    ("B-40", 0, 1, (SOLD, get("o", "invoiced"), get("o", "invoiced"), LATE_CANCEL)),
    ("B-40", 0, 0, (SOLD, get("o", "invoiced"), get("o", "handling"), LATE_CANCEL)),
    ("B-40", 0, 0, (SOLD, get("o", "invoiced"), cancel("invoiced", "invoiced", 403))),
    ("B-40", 0, 0, (SOLD, get("o", "invoiced"), cancel("handling", "handling", 400))),
    ("B-40", 0, 0, (SOLD, read(item("e", "o", "handling")), LATE_CANCEL)),
    ("B-41", 0, 0, scene("s", IN_HANDLING, OWN, steps(ASK, "handling"), deny(own=True))),
    ("B-41", 0, 0, (IN_HANDLING, OWN)),
    (
        "B-41",
        0,
        0,
        scene("s", IN_HANDLING, EARLY),
    ),
    ("B-41", 0, 0, scene("s", IN_HANDLING, OWN, DROPPED)),
    ("B-41", 1, 1, (IN_HANDLING, OWN, steps(ASK, "handling"), OWN, REFUSED, OWN, RAN_OUT)),
    ("B-41", 0, 0, scene("s", IN_HANDLING, ASKED, cancel("handling", "x", 400))),
    ("B-42", 0, 0, scene("s", IN_HANDLING, ASKED, DROPPED)),
    (
        "B-42",
        0,
        0,
        scene("s", IN_HANDLING, ASKED, DROPPED, note("o", "cancellation", 1)),
    ),
    ("B-42", 0, 1, scene("s", IN_HANDLING, OWN, DROPPED, note("o", "status", "x"))),
    (
        "B-42",
        0,
        1,
        scene("s", IN_HANDLING, OWN, DROPPED, note("o", "cancellation", 1)),
    ),
    (
        "B-42",
        0,
        1,
        scene("s", IN_HANDLING, OWN, note("o", "cancellation", 1), DROPPED),
    ),
    ("B-42", 1, 0, scene("s", IN_HANDLING, OWN, DROPPED, told(CANCELLATION, "o"))),
    (
        "B-42",
        0,
        1,
        scene("s", IN_HANDLING, OWN, DROPPED, told("seller placement", "o")),
    ),
    ("B-42", 1, 0, (IN_HANDLING, OWN, DROPPED, call(GET, "o", 404))),
    (
        "B-42",
        0,
        0,
        scene("s", IN_HANDLING, ASKED, cancel("handling", ASK, 500, done=200), DROPPED),
    ),
    (
        "B-43",
        0,
        0,
        (IN_HANDLING, ASKED, told(CANCELLATION, "o"), get("o", ASK), DROPPED),
    ),
    ("B-43", 0, 0, (IN_HANDLING, get("o", "canceled"))),
    ("B-43", 0, 0, (IN_HANDLING, ASKED, DROPPED)),
    ("B-43", 0, 0, (WAITING, start(409), ASKED_WHEN_READY, get("o", ASK))),
    (
        "B-43",
        1,
        0,
        (IN_HANDLING, ASKED, get("o", ASK), DROPPED, returned(before="canceled")),
    ),
    ("B-43", 0, 0, (IN_HANDLING, invoice(before=ASK))),
    (
        "B-43",
        0,
        1,
        (
            IN_HANDLING,
            ASKED,
            get("o", ASK),
            DROPPED,
            invoice(before="cancel"),
            invoice(before="cancel"),
        ),
    ),
    ("B-44", 0, 0, scene("s", SELLERS, ASKED, told(CANCELLATION, "o"))),
    ("B-44", 1, 1, (SELLERS, ASKED, deny(), steps(ASK, "handling"), ASKED, RAN_OUT)),
    ("B-44", 0, 1, scene("s", SELLERS, ASKED, call(PERSONAL_INVOICE, "o", 409, before=ASK))),
    ("B-44", 0, 1, scene("s", SELLERS, ASKED, get("o", ASK, before=ASK))),
    ("B-46", 0, 0, deny(request="unknown")),
    ("B-49", 0, 0, ()),
    ("B-50", 0, 1, (IN_STOCK, NEW_VALUE, invoice("1", 8_001))),
    ("B-50", 0, 0, (IN_STOCK, NEW_VALUE, invoice("1", 5_000))),
    ("B-50", 1, 0, (IN_STOCK, NEW_VALUE, invoice("1", 8_000), invoice("1", 10_000))),
    ("B-50", 0, 0, (IN_STOCK, NEW_VALUE, call(GET, "o", shown=WEIGHED), invoice("1", 9_000))),
    ("B-51", 1, 0, (old("a", "1"), old("b", "2"))),
    ("B-51", 1, 0, (old("a", "1", 400, asked=("add",)), old("b", "2", asked=("add",)))),
    ("B-51", 1, 0, (old("a", "1", asked=("add",)), old("b", "2", asked=("add",)))),
    ("B-52", 0, 0, call(OLD_CHANGE, "o", 403, before="canceled")),
    ("B-52", 0, 1, (get("o", "invoiced"), change(400, "invoiced", code="CHK0124"))),
    ("B-52", 0, 1, (get("o", "handling"), change(400, "handling", code="SalesOrderSystem046"))),
    ("B-52", 0, 0, (get("o", ""), step("o", "x", "invoiced"), change(400, "invoiced"))),
    ("B-54", 0, 0, (STARTED, act("stock", "o", value=1))),
    ("B-54", 1, 1, (STARTED, note("o", "stock", 4), DONE, note("o", "stock", 4))),
    ("B-55", 0, 0, (ODD, note("o", "status", "x"))),
    (
        "B-55",
        0,
        0,
        (course("o", *READY), OTHER_ODD, start()),
    ),
    ("B-56", 0, 0, call(FULFILL, "o", 201)),
    ("B-57", 0, 0, (integrate("EOI005"), integrate("EOI005"))),
    ("B-57", 0, 1, (integrate(), result("EOI006", 500), integrate())),
    ("B-57", 1, 0, (place(), place(401))),
    ("B-57", 0, 1, (integrate(), result("SOI001"), result("SOI002"), integrate())),
    ("B-57", 0, 0, (place(400, code="FMT007"), place(503))),
    ("B-58", 0, 1, (get("o", "x", status=404), integrate(), approve())),
    ("B-58", 1, 0, (place(), get("o", "x"), approve())),
    ("B-58", 0, 0, (integrate(), integrate(said="approved"))),
    ("B-60", 0, 0, scene("s", integrate(), result("EOI006", 500))),
    ("B-60", 0, 0, ((call("", "o", 503, marketplace_order="m")), scene("s", place()))),
    ("B-62", 0, 0, (SALE, cancel("x", "x", 403))),
    ("B-62", 0, 0, (cancel("handling", "cancel"),)),
    ("B-64", 0, 0, (TOLD_SOLD, integrate(order_id="MKP-7"))),
    ("B-64", 0, 0, (act("place", said="sold", id="7"), fulfill())),
    ("B-64", 0, 0, (note("o", "tell", 1), act("tell", said="sold"), fulfill())),
    ("B-64", 1, 0, (act("tell", said="paid", id="MKP-7"), fulfill())),
    ("B-64", 0, 0, (scene("s", TOLD_SOLD), scene("t", fulfill()))),
    ("B-64", 1, 1, (TOLD_SOLD, fulfill(), PAID, fulfill())),
    ("B-65", 1, 0, news(CANCEL_NEWS, burst=5)),
    ("B-65", 0, 0, (news(CANCEL_NEWS, burst=4), news(CANCEL_NEWS, order="p"))),
    ("B-65", 0, 1, scene("s", BOOKS, news(CANCEL_NEWS, 503, burst=9), news(CANCEL_NEWS))),
    ("B-66", 0, 1, told(PLACEMENT, "o", status=500, answer=None)),
    ("B-67", 1, 0, told(SIMULATION, "o", took=2_500)),
    ("B-67", 0, 0, (told(SIMULATION, "o", status=0, took=9_000), told(PLACEMENT, "o", took=9_000))),
    ("B-69", 0, 0, (asked(EMPTY), returned(operation=BY_SELLER))),
    ("B-69", 1, 0, (asked(EMPTY), invoice(operation=BY_SELLER), asked(EMPTY), asked(EMPTY))),
    ("B-69", 0, 0, (asked(EMPTY), call(CANCELLATION, "o", 500), told(PLACEMENT, "o"))),
    ("B-69", 0, 1, (asked(status=500), asked(status=500))),
    ("B-69", 1, 0, (asked(), asked(status=500))),
    ("B-69", 0, 1, (asked(EMPTY), asked(EMPTY), asked(EMPTY))),
    ("B-69", 0, 1, (invoice(operation=BY_SELLER), asked(EMPTY), asked(EMPTY))),
    (
        "B-70",
        0,
        1,
        (OUTSIDE, invoice(operation=BY_SELLER, before="invoiced"), seller_cancels("invoiced")),
    ),
    ("B-70", 0, 1, (returned(operation=BY_SELLER, status=400), seller_cancels("invoiced"))),
    (
        "B-70",
        0,
        1,
        (returned(operation=BY_SELLER, before="handling"), seller_cancels("invoiced")),
    ),
    ("B-70", 0, 0, seller_cancels("invoiced", 403)),
    ("B-71", 1, 0, scene("s", OUTSIDE, agree("Acknowledgment"), agree("Confirmation"))),
    ("B-71", 0, 1, scene("s", OUTSIDE, agree("Acknowledgment"), agree("Nothing"))),
    ("B-71", 0, 1, (OUTSIDE, agree("Confirmation"))),
    ("B-71", 0, 0, (note("o", "modification", 1), get("o"))),
    ("B-72", 1, 0, (OUTSIDE, placement(), invoice(), invoice(status=404))),
    ("B-72", 0, 0, (placement(), call(SELLER_CANCEL, "p", 200))),
    ("B-73", 0, 0, (placement(), placement("", 500))),
    ("B-73", 1, 0, (placement(), placement("", 500), note("o", "reservation", 1))),
]
