"""The log nobody can quietly change, and its proofs."""
