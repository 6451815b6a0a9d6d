"""Systems under test: the simulator, an HTTP service, a command in any language."""
