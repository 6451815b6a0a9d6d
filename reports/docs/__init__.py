"""Documentation pages made from flows, so that they cannot go stale."""
