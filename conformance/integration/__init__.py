"""Judging an integration: what it called, and was told, against the B-rules."""
