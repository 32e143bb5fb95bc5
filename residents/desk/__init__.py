"""The collection page 采集台."""
