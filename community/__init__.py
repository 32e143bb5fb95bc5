"""Places: communities, buildings, units, houses, gates, organisations; who is posted where."""
