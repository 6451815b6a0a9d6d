"""The control API under ``/_sandbox/``: none of it is the platform's, all is a sandbox decision."""
