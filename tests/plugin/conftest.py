"""pytest within pytest: what one run loads is dropped behind it, so it is loaded before."""

import pytest

from orderflow.conformance.subjects.http import HttpSubject
from orderflow.conformance.subjects.mapping_file import PLAIN, parse_mapping


@pytest.fixture(scope="session", autouse=True)
def http_is_loaded() -> None:
    """Load the transport of HTTP, else every run within has exceptions of its own that nobody
    outside can catch.
    """
    HttpSubject(parse_mapping(PLAIN), base="http://127.0.0.1:9").close()
