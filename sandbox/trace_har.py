"""A trace as an HTTP archive, for the tools that show those.

Times in it are virtual, so the same calls give the same bytes. Bodies and headers are not in a
trace, and so not in its archive.
Source: HTTP Archive 1.2, http://www.softwareishard.com/blog/har-12-spec/.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from urllib.parse import quote, urlencode

from orderflow.sandbox.moments import iso
from orderflow.sandbox.trace import Traced

_UNKNOWN = -1
"""What the format writes for a size that is not known."""

_HTTP = "HTTP/1.1"
_HOST = "vtexcommercestable.com.br"


def archive(records: Iterable[Traced], version: str) -> dict[str, object]:
    """The archive of *records*.

    Args:
        records: Oldest first.
        version: Version of orderflow.
    """
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "orderflow", "version": version},
            "comment": "times are those of the virtual clock; bodies and headers are left out",
            "entries": [_entry(record) for record in records],
        }
    }


def _entry(record: Traced) -> dict[str, object]:
    return {
        "startedDateTime": iso(record.at),
        "time": 0,
        "request": {
            "method": record.method,
            "url": _url(record),
            "httpVersion": _HTTP,
            "cookies": [],
            "headers": [],
            "queryString": [{"name": name, "value": value} for name, value in record.query],
            "headersSize": _UNKNOWN,
            "bodySize": _UNKNOWN,
        },
        "response": {
            "status": record.status,
            "statusText": _phrase(record.status),
            "httpVersion": _HTTP,
            "cookies": [],
            "headers": [],
            "content": {"size": 0, "mimeType": ""},
            "redirectURL": "",
            "headersSize": _UNKNOWN,
            "bodySize": _UNKNOWN,
        },
        "cache": {},
        "timings": {"send": 0, "wait": 0, "receive": 0},
        **{f"_{name}": value for name, value in _own(record).items() if value},
    }


def _own(record: Traced) -> dict[str, object]:
    """What the format has no field for; such names begin with an underscore."""
    return {
        "number": record.number,
        "kind": record.kind,
        "account": record.account,
        "key": record.key,
        "orderId": record.order_id,
        "before": record.before,
        "after": record.after,
        "faults": list(record.faults),
        "trouble": record.trouble,
    }


def _url(record: Traced) -> str:
    if record.kind == "delivery":
        return record.path
    host = f"https://{record.account or 'unknown'}.{_HOST}"
    query = f"?{urlencode(record.query)}" if record.query else ""
    return f"{host}{quote(record.path)}{query}"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
