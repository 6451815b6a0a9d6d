"""Flows broken on purpose, to measure what a suite or the rules would notice."""
