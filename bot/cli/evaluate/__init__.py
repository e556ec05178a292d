"""`segue evaluate`: reproducible measurements of the models."""
