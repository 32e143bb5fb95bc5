-- What the sandbox keeps. `held` is the present, `revision` how it came to be, `picture` each picture once.
CREATE TABLE IF NOT EXISTS token (digest TEXT PRIMARY KEY, ends REAL NOT NULL);
CREATE TABLE IF NOT EXISTS held (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    clause TEXT NOT NULL, place TEXT NOT NULL, natural_key TEXT NOT NULL,
    identifier TEXT NOT NULL, person TEXT NOT NULL, address TEXT NOT NULL,
    latest INTEGER NOT NULL DEFAULT 0, times INTEGER NOT NULL DEFAULT 1, gone INTEGER NOT NULL DEFAULT 0,
    first_at REAL NOT NULL, latest_at REAL NOT NULL,
    UNIQUE (clause, place, natural_key));
CREATE INDEX IF NOT EXISTS held_identifier ON held (identifier);
CREATE INDEX IF NOT EXISTS held_person ON held (clause, place, person);
CREATE INDEX IF NOT EXISTS held_address ON held (clause, place, address);
CREATE INDEX IF NOT EXISTS held_latest ON held (latest);
CREATE TABLE IF NOT EXISTS revision (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    sequence INTEGER NOT NULL, at REAL NOT NULL, bytes INTEGER NOT NULL, withdrawal INTEGER NOT NULL DEFAULT 0,
    clear TEXT NOT NULL, pictures TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS revision_sequence ON revision (sequence, number);
CREATE TABLE IF NOT EXISTS picture (digest TEXT PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS refusal (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL, clause TEXT NOT NULL, code INTEGER NOT NULL, message TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS request (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL, clause TEXT NOT NULL, address TEXT NOT NULL, status INTEGER NOT NULL, code INTEGER,
    ms REAL NOT NULL, url_bytes INTEGER NOT NULL, body_bytes INTEGER NOT NULL, records INTEGER NOT NULL,
    skew REAL, token INTEGER NOT NULL, fault TEXT NOT NULL);
