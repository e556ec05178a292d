"""`segue evaluate`: how good the opinions are, measured by commands that anybody can run."""
