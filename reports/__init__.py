"""Showing a verdict: layout, SVG, HTML, JSON, JUnit, Markdown and plain text."""
