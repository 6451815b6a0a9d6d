"""Certifying: an integration is led through scenarios on the sandbox, and judged by its trace."""
