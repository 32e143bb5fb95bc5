"""The pages on which the log is reviewed."""
