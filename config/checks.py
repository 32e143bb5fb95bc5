"""System checks: bad values of the environment, each with what to do."""
