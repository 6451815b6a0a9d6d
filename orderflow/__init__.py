"""Simulate order flows and test that an order system obeys them."""
