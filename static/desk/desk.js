// The collection desk: one page, one draft open, a queue behind it. What each part does stands in its own module.
import { Drafts, blank } from "./drafts.js";
import { mount as mountConflict } from "./conflict.js";
import { mount as mountFields } from "./fields.js";
import { mount as mountHouse } from "./house.js";
import { mount as mountLikeness } from "./likeness.js";
import { mount as mountList } from "./list.js";
import { gaps, mount as mountNumber } from "./number.js";
import { mount as mountNotices } from "./notices.js";
import { mount as mountPortrait } from "./portrait.js";
import { mount as mountReader } from "./reader.js";
import { mount as mountSaved } from "./saved.js";
import { Queue } from "./queue.js";
import { MemoryStore, openStore } from "./store.js";
import { ask, askPage, post, sealFor } from "./wire.js";
import { say } from "./words.js";

const PACK_MS = 12 * 3600 * 1000, LONGEST_SIDE = 1600, SMALL_BYTES = 1_500_000;
const by = (id) => document.getElementById(id);
const facts = JSON.parse(by("desk-facts").textContent);
const element = by("collect");

// --- what is shown of the line, the disk and the session ---------------------------------------------------------------
function kept(moment) {
  const failed = moment instanceof Error || store instanceof MemoryStore;
  document.documentElement.dataset.kept = failed ? "no" : "yes";
  by("kept").textContent = failed || !moment ? "" : say("draft.kept", { time: moment.toLocaleTimeString("sv-SE", { timeZone: "Asia/Shanghai" }) });
  by("not-kept").hidden = !failed;
}
function online(up) { desk.online = up; by("offline").hidden = up; }
function signedOut() { by("signed-out").hidden = false; }
function confirmed(text) {  // our own dialogue: the browser's speaks its own language
  const dialog = by("sure");
  by("sure-text").textContent = text;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((done) => { dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true }); });
}

let store = null;
try { store = await openStore(facts.user); } catch { store = new MemoryStore(facts.user); }
kept(null);
const drafts = new Drafts(store, kept);

// --- what the parts may ask for ------------------------------------------------------------------------------------------
const desk = {
  element, facts, urls: facts.urls, store, online: navigator.onLine, pack: null, say,
  get draft() { return drafts.draft; },
  get pictures() { return drafts.pictures; },
  on: (name, listener) => drafts.on(name, listener),
  change: (patch) => drafts.change(patch),
  refill: () => drafts.tell("draft", drafts.draft),
  get place() { return desk.pack?.places?.find((place) => place.id === drafts.draft.house?.community) ?? null; },

  async askPage(address) { return heard(askPage(address)); },
  async ask(address, options) { return heard(ask(address, options)); },
  async post(address, fields, pictures, options) { return heard(post(address, fields, pictures, options)); },

  // A card was read: what it says goes into the form, its picture beside the live one.
  card(card) {
    const said = { name: card.name, document_type: card.documentType, document_number: card.number, sex: card.sex, birth_date: card.birth,
      registered_address: card.address, document_issuer: card.authority, document_validity: card.validity, english_name: card.englishName };
    if (card.ethnicity && desk.place?.optional.includes("ethnicity")) said.ethnicity = card.ethnicity;
    const fields = Object.fromEntries(Object.entries(said).filter(([, value]) => value));
    desk.change({ fields, pictures: { card_portrait: card.photo ?? null }, card: { reader: card.reader, type: card.type, read_at: new Date().toISOString() }, check: null });
    (desk.draft.fields.phone ? by("id_occupant_type") : by("id_phone")).focus();
  },

  // Make a picture small enough to carry, on a canvas: what a camera wrote into the file stays behind.
  async shrink(blob) {
    if (blob.size < SMALL_BYTES) return blob;
    try {
      const picture = await createImageBitmap(blob), scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * scale); canvas.height = Math.round(picture.height * scale);
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      return await new Promise((done) => { canvas.toBlob((small) => done(small ?? blob), "image/jpeg", 0.9); });
    } catch { return blob; }
  },

  async open(key) {
    const draft = await store.get(key);
    if (!draft) return;
    if (draft.state === "queued") { await desk.takeBack(key); return; }
    await drafts.open(draft);
    remember();
  },
  async takeBack(key) {
    const draft = await store.get(key);
    if (draft?.state !== "queued") return;
    await store.save({ ...draft, state: "editing" });
    await desk.open(key);
  },
  async fresh(house = null) { await drafts.open(blank(house), {}); remember(); },
  async drop(key) {
    if (key === drafts.draft.key) await drafts.open(blank(drafts.draft.house), {});
    await store.remove(key);
    drafts.tell("dropped", key);
    remember();
  },
  sure: confirmed,

  // Somebody registered already: complete what is missing, beginning at the field.
  async complete(person, house = "", field = "") {
    let found;
    try {
      const query = house ? `?house=${encodeURIComponent(house)}` : "";
      found = await desk.ask(facts.person.replace("/0/", `/${person}/`) + query);
    } catch (error) { if (error.name !== "Offline") throw error; tellAbove(say("person.offline")); return; }
    if (found.status !== 200) { tellAbove(say("person.none")); return; }
    const { fields, masked, ...rest } = found.body, draft = blank(rest.house);
    const said = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== "" && value !== false));
    Object.assign(draft, { person: rest.person, person_version: rest.person_version, residency_version: rest.residency_version, masked, fields: said, has_photo: rest.photo, face_consent_held: rest.face_consent });
    await drafts.open(draft, {});
    remember();
    focusField(field);
  },

  async submit({ next = false } = {}) {
    const wrong = gaps(drafts.draft);
    if (Object.keys(wrong).length) { drafts.tell("errors", wrong); return; }
    const { house, key } = drafts.draft;
    if (!(await drafts.submit())) return;
    sentNow = key;
    await drafts.open(blank(next ? house : null), {});
    remember();
    drafts.tell("queue", await store.get(key) ?? { key, state: "queued" });
    (next ? by("id_document_number") : by("house-search")).focus();
    queue.wake();
  },
};
let sentNow = "";

async function heard(promise) {
  try {
    const answer = await promise;
    online(true);
    return answer;
  } catch (error) {
    if (error.name === "SignedOut") signedOut(); else if (error.name === "Offline") online(false);
    throw error;
  }
}

function tellAbove(text) { by("desk-problem").textContent = text; by("desk-problem").hidden = false; }

// The address names the draft that is open, so that a reload opens it again; a key says nothing of a person.
function remember() {
  document.documentElement.dataset.draft = drafts.draft.key;
  const address = drafts.pristine ? facts.urls.collect : `${facts.urls.collect}?draft=${drafts.draft.key}`;
  history.replaceState(null, "", address);
}

function focusField(name) {
  const id = { photo: "open-camera", house: "house-search", check: "open-camera" }[name] ?? `id_${name}`;
  const input = by(id);
  const fold = input?.closest("details");
  if (fold) fold.open = true;
  input?.focus();
  input?.scrollIntoView({ block: "center" });
}

// --- what is kept for working off line ---------------------------------------------------------------------------------
async function freshPack() {
  const { status, body } = await desk.ask(facts.urls.pack);
  if (status !== 200) return;
  sealFor(body.key);
  const old = await store.pack() ?? {}, pack = { ...body, houses: old.houses, houses_at: old.houses_at };
  if (!pack.houses || Date.now() - (pack.houses_at ?? 0) > PACK_MS) {
    const found = await desk.ask(facts.urls.pack_houses);
    if (found.status === 200) { pack.houses = found.body.houses; pack.houses_at = Date.now(); }
  }
  desk.pack = pack;
  await store.keepPack(pack).catch(kept);
  drafts.tell("pack", pack);
}

async function loadPack() {
  desk.pack = await store.pack().catch(() => null);
  if (desk.pack) { sealFor(desk.pack.key); drafts.tell("pack", desk.pack); }
  await freshPack().catch(() => {});
}

const queue = new Queue(store, facts.urls, {
  tell: async (draft) => {
    drafts.tell("queue", draft);
    if (draft.state === "delivered" && !draft.way) { drafts.tell("delivered", draft); by("signed-out").hidden = true; }
    // What was not taken comes back at once, unless the collector is at the next person already.
    if (["refused", "conflict"].includes(draft.state) && draft.key === sentNow && drafts.pristine) await desk.open(draft.key);
  },
  signedOut, online, refreshKey: freshPack,
});

// --- start -----------------------------------------------------------------------------------------------------------------
drafts.on("change", () => { document.documentElement.dataset.kept = "not yet"; remember(); });
for (const mount of [mountHouse, mountNumber, mountFields, mountNotices, mountReader, mountLikeness, mountPortrait, mountConflict, mountSaved, mountList]) mount(desk);

async function begin() {
  const asked = new URLSearchParams(location.search);
  if (asked.get("draft") && await store.get(asked.get("draft"))) { await desk.open(asked.get("draft")); return; }
  if (asked.get("person")) { await desk.complete(asked.get("person"), asked.get("house") ?? "", asked.get("field") ?? ""); return; }
  if (asked.get("house")) { await desk.fresh(await houseOf(asked.get("house"))); by("id_document_number").focus(); return; }
  const left = (await store.list()).find((draft) => draft.state === "editing");
  if (left) { await desk.open(left.key); by("kept").textContent = say("draft.restored"); return; }
  await desk.fresh();
  by("house-search").focus();
}

async function houseOf(id) {
  try {
    const { status, body } = await desk.ask(facts.household.replace("/0/", `/${encodeURIComponent(id)}/`));
    if (status === 200) return body.house;
  } catch { /* off line: among the kept ones */ }
  const found = desk.pack?.houses?.find((one) => one[0] === id);
  return found ? { id, label: found[1], community: found[2], place: desk.pack.places.find((place) => place.id === found[2])?.name ?? "" } : null;
}

const packed = loadPack();
if (new URLSearchParams(location.search).get("house")) await packed;
await begin();
await packed;
queue.wake();
navigator.serviceWorker?.register(facts.worker, { scope: facts.urls.collect }).catch(() => {});
document.documentElement.dataset.desk = "ready";

// --- keys and buttons: Enter goes on, F2 reads, F4 shoots, Ctrl+Enter submits, with Shift the same household goes on -------
element.addEventListener("submit", (event) => { event.preventDefault(); desk.submit(); });
by("save").addEventListener("click", () => desk.submit());
by("save-next").addEventListener("click", () => desk.submit({ next: true }));
by("keep").addEventListener("click", async () => { await drafts.save(); await desk.fresh(); by("house-search").focus(); });
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.ctrlKey) { event.preventDefault(); desk.submit({ next: event.shiftKey }); return; }
  if (event.key === "Enter" && event.target.id !== "house-search" && element.contains(event.target) && ["INPUT", "SELECT"].includes(event.target.tagName)) {
    event.preventDefault();
    const fields = [...element.elements].filter((field) => field.offsetParent && !["hidden", "file", "fieldset", "checkbox", "radio"].includes(field.type) && !field.disabled && field.tagName !== "BUTTON");
    fields[fields.indexOf(event.target) + 1]?.focus();
  }
});
addEventListener("pagehide", () => { drafts.flush(); });
document.addEventListener("visibilitychange", () => { if (document.hidden) drafts.flush(); else queue.wake(); });
addEventListener("offline", () => online(false));
addEventListener("online", () => { freshPack().catch(() => {}); });
