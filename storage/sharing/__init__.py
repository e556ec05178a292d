"""Facts for other machines: the outbox, names that mean the same everywhere, offsets and results."""
