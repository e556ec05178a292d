"""JUDGES.  Opinions about music, computed from the facts in `storage`."""
