"""Facts of other machines, applied to this database; and copies of the log for training."""
