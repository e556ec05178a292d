"""Chat layer: commands in, replies out; no maths and no SQL."""
