"""How good the opinions are: data sets and figures, for tests and `segue evaluate`."""
