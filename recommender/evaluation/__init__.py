"""Offline evaluation: data sets, protocols and metrics, for tests and `segue evaluate`."""
