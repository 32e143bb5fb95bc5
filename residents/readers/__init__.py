"""Readers of ID cards: the program for a workstation's reader, what a page must know to read, and how to set one up.

The browser speaks to the reader's own service on the same machine (static/desk/readers/); nothing passes this server
but the form that was filled. READER_SOURCES is what the desk page's content policy must let it connect to.
"""

READER_SOURCES: tuple[str, ...] = (
    "http://127.0.0.1:19197", "http://localhost:19197",  # ours (standalone/anju_reader.py)
    "http://localhost:8989", "http://127.0.0.1:8989", "https://localhost:9199",  # 新中新
    "http://127.0.0.1:19196", "http://localhost:19196",  # 华视
    "ws://127.0.0.1:30004", "ws://localhost:30004",  # 鱼住
)  # fmt: skip
