"""Artists and tracks: what is known of them, read and written."""
