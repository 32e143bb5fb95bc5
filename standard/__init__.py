"""The standard as data: interfaces, code tables, requirements, wire messages, number rules. No Django."""
