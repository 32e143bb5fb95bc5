// The queue: drafts that were submitted go up one by one, as often as it takes, each counted once upstairs by its key.
// One tab sends at a time. What is sent is read from the store, so a crash in the middle only means: once more.
import { post } from "./wire.js";

const CHUNK = 256 * 1024, FIRST_PAUSE = 2000, LONGEST_PAUSE = 60000, WATCH_PAUSE = 3000, KEEP_ARRIVED_MS = 86400000;

export class Queue {
  // tell(draft): a draft's state has changed and is kept. signedOut(), online(boolean): what the page shows.
  constructor(store, urls, { tell, signedOut, online, refreshKey }) {
    Object.assign(this, { store, urls, tell, signedOut, online, refreshKey });
    this.pause = FIRST_PAUSE; this.timer = 0; this.running = false; this.again = false;
    addEventListener("online", () => this.wake());
  }

  wake() { this.pause = FIRST_PAUSE; return this.run(); }

  async run() {
    if (this.running) { this.again = true; return; }
    this.running = true; clearTimeout(this.timer);
    let left = true;
    try {
      do {
        this.again = false;
        left = await this.exclusively(() => this.round());
      } while (this.again);
    } finally { this.running = false; }
    if (left) { this.timer = setTimeout(() => this.run(), this.pause); this.pause = Math.min(this.pause * 2, LONGEST_PAUSE); }
  }

  exclusively(act) {
    return navigator.locks ? navigator.locks.request("anju-desk-send", act) : act();
  }

  // One pass over what waits, the oldest first; whether something is left to be tried again.
  async round() {
    const waiting = (await this.store.list()).filter((draft) => draft.state === "queued").reverse();
    for (const draft of waiting) {
      try {
        await this.send(draft);
        this.online(true); this.pause = FIRST_PAUSE;
      } catch (error) {
        if (error.name === "SignedOut") { this.signedOut(); return true; }
        if (error.name === "Offline") { this.online(false); return true; }
        throw error;
      }
    }
    return this.watch();
  }

  async send(draft) {
    const pictures = await this.store.pictures(draft.key), digests = {};
    for (const [name, picture] of Object.entries(pictures)) digests[name] = await sha256(picture);
    if (!(await this.sendPictures(draft, pictures, digests))) return;
    const facts = { ...draft.fields, client_key: draft.key, house: draft.house?.id ?? "", person: draft.person ?? "", pictures: digests };
    for (const name of ["person_version", "residency_version", "likeness", "check"]) if (draft[name]) facts[name] = draft[name];
    const answer = await this.post(this.urls.take_in, facts);
    await this.settle(draft, answer);
  }

  // Every piece the server does not have yet; false when the server will not have them.
  async sendPictures(draft, pictures, digests) {
    if (!Object.keys(pictures).length) return true;
    const asked = await this.post(this.urls.have_parts, { client_key: draft.key, pictures: digests });
    if (asked.status !== 200) { await this.settle(draft, asked); return false; }
    for (const [name, picture] of Object.entries(pictures)) {
      const there = new Set(asked.body.have[name]);
      for (let index = 0; index * CHUNK < picture.size; index += 1) {
        if (there.has(index)) continue;
        const chunk = picture.slice(index * CHUNK, (index + 1) * CHUNK);
        const facts = { client_key: draft.key, name, digest: digests[name], index };
        const answer = await this.post(this.urls.keep_part, facts, { chunk });
        if (answer.status !== 200) { await this.settle(draft, answer); return false; }
      }
    }
    return true;
  }

  // A portal that has changed its key since the page was loaded cannot open what is sealed for the old one for ever.
  async post(address, facts, pictures) {
    const answer = await post(address, facts, pictures);
    if (answer.status !== 400) return answer;
    await this.refreshKey();
    return post(address, facts, pictures);
  }

  async settle(draft, { status, body }) {
    const current = await this.store.get(draft.key);
    if (!current || current.state !== "queued") return;  // taken back by its collector while it was on its way
    if (status === 201 || status === 200) await this.arrived(draft, body);
    else if (status === 409) await this.change(draft, { state: "conflict", conflict: body.conflict });
    else if (status === 422) await this.change(draft, { state: "refused", errors: body.errors });
    else if (status === 429 || status >= 500) throw Object.assign(new Error("later"), { name: "Offline" });
    else await this.change(draft, { state: "refused", errors: { __all__: [body.message ?? ""] } });
  }

  async change(draft, patch) {
    const changed = { ...draft, errors: null, conflict: null, ...patch };
    await this.store.save(changed);
    this.tell(changed);
  }

  // What is left of a draft that arrived: where it went, and a mask. Its content and its pictures are gone from here.
  async arrived(draft, body) {
    const left = { key: draft.key, state: "delivered", fields: {}, house: draft.house, result: body, delivered_at: Date.now() };
    await this.store.save(left, "all gone");
    this.tell(left);
  }

  // Ask how far the delivered ones have come; whether some are still on their way upstairs.
  async watch() {
    const drafts = await this.store.list(), now = Date.now();
    for (const draft of drafts) {
      if (draft.state === "arrived" && now - draft.delivered_at > KEEP_ARRIVED_MS) { await this.store.remove(draft.key); this.tell(draft); }
    }
    const going = drafts.filter((draft) => draft.state === "delivered").slice(0, 200);
    if (going.length) await this.ask(going).catch((error) => { if (error.name === "SignedOut") this.signedOut(); });
    this.pause = Math.max(this.pause, WATCH_PAUSE);
    return (await this.store.list()).some((draft) => ["queued", "delivered"].includes(draft.state));
  }

  async ask(going) {
    const { status, body } = await this.post(this.urls.progress, { keys: going.map((draft) => draft.key) });
    if (status !== 200) return;
    let moved = false;
    for (const draft of going) {
      const way = body.progress[draft.key];
      if (!way || JSON.stringify(way) === JSON.stringify(draft.way)) continue;
      const all = Object.values(way).every((one) => one.stage === "arrived");
      const held = Object.values(way).some((one) => one.stage === "held");
      const changed = { ...draft, way, state: all ? "arrived" : "delivered", held };
      await this.store.save(changed);
      this.tell(changed);
      moved = true;
    }
    if (moved) this.pause = FIRST_PAUSE;
  }
}

export async function sha256(blob) {
  const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}


