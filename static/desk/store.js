// Drafts in this browser: sealed with an AES-GCM key of the collector's own that cannot be taken out of the browser.
// A draft and its pictures change in one transaction, written through to the disk before anybody is told it is kept.
const NAME = "anju-desk", VERSION = 1;
const encoder = new TextEncoder(), decoder = new TextDecoder();

const asked = (request) => new Promise((done, fail) => {
  request.onsuccess = () => done(request.result);
  request.onerror = () => fail(request.error);
});
const finished = (transaction) => new Promise((done, fail) => {
  transaction.oncomplete = () => done();
  transaction.onabort = transaction.onerror = () => fail(transaction.error || new Error("aborted"));
});

function open() {
  const request = indexedDB.open(NAME, VERSION);
  request.onupgradeneeded = () => {
    const database = request.result;
    database.createObjectStore("keys", { keyPath: "user" });
    database.createObjectStore("drafts", { keyPath: "key" }).createIndex("user", "user");
    database.createObjectStore("pictures", { keyPath: ["key", "name"] }).createIndex("key", "key");
    database.createObjectStore("packs", { keyPath: "user" });
  };
  return asked(request);
}

export async function openStore(user) {
  const database = await open();
  database.onversionchange = () => database.close();
  navigator.storage?.persist?.();  // the browser may refuse: then it may forget when the disk is full, as it says
  return new Store(database, user, await ownKey(database, user));
}

// The key is made once; a second tab that is faster wins.
async function ownKey(database, user) {
  const found = await asked(database.transaction("keys").objectStore("keys").get(user));
  if (found) return found.key;
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const transaction = database.transaction("keys", "readwrite", { durability: "strict" });
  const keys = transaction.objectStore("keys"), earlier = await asked(keys.get(user));
  if (!earlier) keys.add({ user, key });
  await finished(transaction);
  return earlier ? earlier.key : key;
}

class Store {
  constructor(database, user, key) {
    this.database = database; this.user = user; this.key = key;
    this.queues = new Map();  // draft key -> the saving before: an older state never lands on a newer one
  }

  async seal(bound, data) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: encoder.encode(bound) }, this.key, data);
    return { iv, sealed };
  }

  unseal(bound, { iv, sealed }) {
    return crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: encoder.encode(bound) }, this.key, sealed);
  }

  // Keep a draft. pictures: {name: Blob} to put, {name: null} to forget; "all gone" forgets every one of them.
  save(draft, pictures = {}) {
    const state = JSON.stringify(draft);
    const before = this.queues.get(draft.key) ?? Promise.resolve();
    const now = before.catch(() => {}).then(() => this.write(draft.key, state, pictures));
    this.queues.set(draft.key, now);
    return now;
  }

  async write(key, state, pictures) {
    const row = { key, user: this.user, changed_at: Date.now(), ...(await this.seal(`draft ${key}`, encoder.encode(state))) };
    const rows = [];
    for (const [name, picture] of Object.entries(pictures === "all gone" ? {} : pictures)) {
      if (!picture) { rows.push([name, null]); continue; }
      const sealed = await this.seal(`picture ${key} ${name}`, await picture.arrayBuffer());
      rows.push([name, { key, name, user: this.user, type: picture.type, ...sealed }]);
    }
    const transaction = this.database.transaction(["drafts", "pictures"], "readwrite", { durability: "strict" });
    const kept = transaction.objectStore("pictures");
    transaction.objectStore("drafts").put(row);
    for (const [name, picture] of rows) { if (picture) kept.put(picture); else kept.delete([key, name]); }
    if (pictures === "all gone") kept.delete(IDBKeyRange.bound([key], [key, []]));
    await finished(transaction);
  }

  async remove(key) {
    await (this.queues.get(key) ?? Promise.resolve()).catch(() => {});
    const transaction = this.database.transaction(["drafts", "pictures"], "readwrite", { durability: "strict" });
    transaction.objectStore("drafts").delete(key);
    transaction.objectStore("pictures").delete(IDBKeyRange.bound([key], [key, []]));
    await finished(transaction);
  }

  async read(row) {
    try {
      const draft = JSON.parse(decoder.decode(await this.unseal(`draft ${row.key}`, row)));
      return { ...draft, changed_at: row.changed_at };
    } catch { return { key: row.key, state: "broken", fields: {}, changed_at: row.changed_at }; }
  }

  async get(key) {
    const row = await asked(this.database.transaction("drafts").objectStore("drafts").get(key));
    return row && row.user === this.user ? this.read(row) : null;
  }

  // The collector's own drafts, newest first.
  async list() {
    const rows = await asked(this.database.transaction("drafts").objectStore("drafts").index("user").getAll(this.user));
    const drafts = await Promise.all(rows.map((row) => this.read(row)));
    return drafts.sort((one, other) => other.changed_at - one.changed_at);
  }

  // How many drafts of other collectors lie in this browser; nothing of them can be seen.
  async others() {
    const drafts = this.database.transaction("drafts").objectStore("drafts");
    return (await asked(drafts.count())) - (await asked(drafts.index("user").count(this.user)));
  }

  async pictures(key) {
    const rows = await asked(this.database.transaction("pictures").objectStore("pictures").index("key").getAll(key));
    const found = {};
    for (const row of rows) {
      if (row.user !== this.user) continue;
      try { found[row.name] = new Blob([await this.unseal(`picture ${key} ${row.name}`, row)], { type: row.type }); } catch { /* damaged: taken anew */ }
    }
    return found;
  }

  // What the desk needs to know off line: houses, notices. Nothing of a resident.
  async pack() {
    return (await asked(this.database.transaction("packs").objectStore("packs").get(this.user))) ?? null;
  }

  async keepPack(pack) {
    const transaction = this.database.transaction("packs", "readwrite");
    transaction.objectStore("packs").put({ ...pack, user: this.user });
    await finished(transaction);
  }
}

// Where the browser keeps nothing (a private window, a full disk at the start): drafts live as long as the page, and it says so.
export class MemoryStore {
  constructor(user) { this.user = user; this.rows = new Map(); this.kept = null; }
  async save(draft, pictures = {}) {
    const old = this.rows.get(draft.key)?.pictures ?? {}, state = structuredClone({ ...draft, changed_at: Date.now() });
    const left = pictures === "all gone" ? {} : Object.fromEntries(Object.entries({ ...old, ...pictures }).filter(([, picture]) => picture));
    this.rows.set(draft.key, { draft: state, pictures: left });
  }
  async remove(key) { this.rows.delete(key); }
  async get(key) { return structuredClone(this.rows.get(key)?.draft ?? null); }
  async list() { return [...this.rows.values()].map((row) => structuredClone(row.draft)).sort((one, other) => other.changed_at - one.changed_at); }
  async others() { return 0; }
  async pictures(key) { return { ...this.rows.get(key)?.pictures }; }
  async pack() { return this.kept; }
  async keepPack(pack) { this.kept = pack; }
}
