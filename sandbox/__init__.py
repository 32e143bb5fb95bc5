"""The upper platform, played strictly: for demos, tests and integrators. Imports standard and guomi only."""
