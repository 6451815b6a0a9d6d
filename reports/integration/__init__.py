"""Showing what came of judging an integration."""
