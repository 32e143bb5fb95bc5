// The draft that is open: every change is kept in this browser at once, and told to whoever listens.
import { say } from "./words.js";

const SAVE_MS = 250;
export const STATES = ["editing", "queued", "conflict", "refused", "delivered", "arrived", "broken"];

export function blank(house = null) {
  return { key: crypto.randomUUID(), state: "editing", house, person: null, fields: { document_type: "111", occupant_type: "2" },
    card: null, check: null, likeness: [] };
}

// Anything a collector would miss?
export function pristine(draft, pictures) {
  const typed = Object.entries(draft.fields).some(([name, value]) => !["document_type", "occupant_type"].includes(name) && value);
  return draft.state === "editing" && !draft.person && !typed && Object.keys(pictures).length === 0;
}

export class Drafts {
  constructor(store, kept) {
    this.store = store; this.kept = kept;  // kept(moment | Error): told when the draft is on the disk, or why not
    this.draft = blank(); this.pictures = {};
    this.changedPictures = {}; this.timer = 0; this.listeners = new Map();
  }

  on(name, listener) { this.listeners.set(name, [...(this.listeners.get(name) ?? []), listener]); }
  tell(name, ...facts) { for (const listener of this.listeners.get(name) ?? []) listener(...facts); }
  get pristine() { return pristine(this.draft, this.pictures); }

  // Merge a patch: fields and pictures one level deep; a value of null or undefined takes away.
  change(patch) {
    const { pictures, fields, ...rest } = patch;
    Object.assign(this.draft, rest);
    if (fields) this.draft.fields = without({ ...this.draft.fields, ...fields });
    if (pictures) {
      for (const [name, picture] of Object.entries(pictures)) {
        if (picture) this.pictures[name] = picture; else delete this.pictures[name];
        this.changedPictures[name] = picture ?? null;
      }
    }
    if (["refused", "conflict"].includes(this.draft.state) && !("state" in rest)) this.draft.state = "editing";
    this.tell("change", patch);
    clearTimeout(this.timer);
    if (pictures) this.save(); else this.timer = setTimeout(() => this.save(), SAVE_MS);
  }

  // On the disk, or told why not; a draft with nothing in it is not kept.
  async save() {
    clearTimeout(this.timer); this.timer = 0;
    if (this.pristine) return true;
    const pictures = this.changedPictures;
    this.changedPictures = {};
    try {
      await this.store.save(this.draft, pictures);
      this.kept(new Date());
      this.tell("kept", this.draft);
      return true;
    } catch (error) {
      this.changedPictures = { ...pictures, ...this.changedPictures };
      this.kept(error);
      return false;
    }
  }

  async flush() { if (this.timer) await this.save(); }

  async open(draft, pictures = null) {
    await this.flush();
    this.draft = draft;
    this.pictures = pictures ?? (await this.store.pictures(draft.key));
    this.changedPictures = {};
    this.tell("draft", draft);
  }

  // Give it to the queue. The state is on the disk before anybody hears of it.
  async submit() {
    clearTimeout(this.timer); this.timer = 0;
    this.draft.state = "queued"; this.draft.errors = null; this.draft.conflict = null;
    this.draft.submitted_at = Date.now();
    if (await this.save()) return true;
    this.draft.state = "editing";
    return false;
  }
}

function without(fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
}

// How a draft is called in a list: its house and a mask of the name.
export function titleOf(draft) {
  const house = draft.result?.house || draft.house?.label || say("draft.no_house");
  const name = draft.result?.name || masked(draft.fields?.name) || draft.masked?.name || say("draft.no_name");
  return `${house} · ${name}`;
}

export function masked(name) {
  if (!name) return "";
  const letters = [...name.trim()];
  if (letters.length <= 1) return letters.join("");
  if (letters.length === 2) return `${letters[0]}*`;
  return letters[0] + "*".repeat(letters.length - 2) + letters.at(-1);
}
