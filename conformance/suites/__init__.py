"""Test suites with stated guarantees: what is in them, how they are made and run."""
