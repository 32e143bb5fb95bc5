"""The front page. Reads everything, writes nothing."""
