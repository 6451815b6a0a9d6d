"""Builds the documentation site: ``make docs``; no network is needed."""

from __future__ import annotations

import sys
from importlib.metadata import version as installed_version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "orderflow"
author = "the orderflow authors"
copyright = "the orderflow authors"  # noqa: A001  # the name Sphinx asks for
version = release = installed_version("orderflow-harness")

extensions = ["myst_parser", "sphinx_click", "of_certify", "of_commands", "of_sandbox", "of_schema"]
myst_enable_extensions = ["attrs_block", "attrs_inline", "colon_fence"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "_ext", "_static"]
suppress_warnings: list[str] = []
nitpicky = True
smartquotes = False  # they would turn the two hyphens of an option into a dash

html_theme = "furo"
html_title = "orderflow"
html_static_path = ["_static"]
html_css_files = ["wide.css"]  # tables of statuses and transitions need the room
html_theme_options = {"navigation_with_keys": True}
html_copy_source = False
html_show_sphinx = False
