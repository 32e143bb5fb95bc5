"""People, who lives where, vehicles, workers; the collection page."""
