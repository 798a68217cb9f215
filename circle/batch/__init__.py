"""A province at once: searched as a whole, told county by county."""
