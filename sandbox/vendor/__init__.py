"""The routes of the vendor, in its own dialect."""
