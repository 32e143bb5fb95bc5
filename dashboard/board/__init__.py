"""达标: table 1 of the standard, item by item: what is held, how complete, how fresh, how much of it arrived upstairs."""
