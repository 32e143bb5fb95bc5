"""Workbooks everybody has: the register in and out as Excel. Apps declare their sheets in `importing.py` (sheets.py)."""
