"""房态图 and the household: a building as a grid of houses, a house with everybody who lives there."""
