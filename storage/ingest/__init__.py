"""The importer: it stores what a reader yields."""
