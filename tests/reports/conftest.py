"""What the tests of the reports share: a browser, one for each module."""

from tests.reports.viewing import browser

__all__ = ["browser"]
