"""Who may be the same person: found before somebody is registered twice, decided, merged, and parted again."""
