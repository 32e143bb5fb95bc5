"""From which score on two faces count as one person's. docs/face-check.md: what was measured, on what, how often it errs."""

DEFAULT = 0.40
LEAST, MOST = 0.20, 0.80  # beyond, a check would accept or refuse nearly everybody
