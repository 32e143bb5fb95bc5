"""Signing in: password rules, the second factor, sessions, tokens, and the gate every request passes."""
