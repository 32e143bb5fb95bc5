"""Equipment and its true state."""
