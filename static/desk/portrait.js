// The portrait pane: camera with a face box and one hint at a time, the shutter, and the person-ID check beside the card.
import { say } from "./words.js";

const LOOK_MS = 400;  // between the answer to one frame and the next question
const FRAME = 640, LONGEST = 1280, ARMED_MS = 4000, AGAIN_MS = 8000;
const REFUSED = "refused_by_person";
const by = (id) => document.getElementById(id);
const frozen = Object.freeze({ photo: null, card: null });

let desk, stream = null, live = false, refusedNow = false, armedUntil = 0, looking = 0, models = true;
let checked = frozen, busy = false, failedUntil = 0, addresses = new Map(), problem = "";

// --- pictures ---------------------------------------------------------------------------------------------------------
async function drawn(source, width, height, longest, quality) {
  const scale = Math.min(1, longest / Math.max(width, height)), canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale)); canvas.height = Math.max(1, Math.round(height * scale));
  canvas.getContext("2d").drawImage(source, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
}

function show(image, blob) {
  const old = addresses.get(image.id);
  if (old?.blob === blob) return;
  if (old) URL.revokeObjectURL(old.url);
  addresses.delete(image.id);
  image.hidden = !blob;
  if (!blob) { image.removeAttribute("src"); return; }
  const url = URL.createObjectURL(blob);
  addresses.set(image.id, { blob, url });
  image.src = url;
}

// --- camera -----------------------------------------------------------------------------------------------------------
function hint(text, tone = "") {
  const line = by("face-hint");
  if (line.textContent !== text) line.textContent = text;
  line.className = `face-hint ${tone}`;
}

async function openCamera() {
  const says = by("camera-says");
  says.hidden = false; says.textContent = say("face.starting");
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 1280 }, height: { ideal: 960 }, facingMode: "user" } });
  } catch { says.textContent = say("face.denied"); return; }
  by("camera").srcObject = stream;
  stream.getVideoTracks()[0]?.addEventListener("ended", closeCamera);
  aim();
}

function closeCamera() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  by("camera").srcObject = null;
  render();
}

// The camera before the picture: live again.
function aim() {
  live = true;
  render();
  const turn = ++looking;
  const next = async () => {
    if (turn !== looking || !live || !stream) return;
    if (!document.hidden) await look(turn);
    setTimeout(next, LOOK_MS);
  };
  next();
}

async function look(turn) {
  const video = by("camera");
  if (!video.videoWidth) return;
  if (!desk.online) { judged(null, say("face.offline")); return; }
  if (!models) { judged(null, say("face.no_models")); return; }
  let answer;
  try {
    const frame = await drawn(video, video.videoWidth, video.videoHeight, FRAME, 0.8);
    // a page that looks by itself keeps no session alive
    answer = await desk.post(desk.urls.face_look, { camera_width: video.videoWidth }, { frame }, { headers: { "X-Poll": "1" } });
  } catch (error) {
    if (turn === looking) judged(null, error.name === "Offline" ? say("face.offline") : "");
    return;
  }
  if (turn !== looking || !live || answer.status !== 200) return;
  models = answer.body.available;
  if (!models) { judged(null, say("face.no_models")); return; }
  const worst = answer.body.hints[0];
  judged(answer.body.face, worst ? worst.words : say("face.good"), worst ? worst.severity : "good");
}

function judged(face, text, severity = "") {
  refusedNow = severity === "refuse";
  const tone = { good: "good", warn: "warn", refuse: "bad" }[severity] ?? "";
  if (Date.now() > armedUntil) hint(text, tone);
  by("shoot").setAttribute("aria-disabled", String(refusedNow));
  place(face, tone);
}

// The box, over the video as it is fitted into its frame.
function place(face, tone) {
  const box = by("face-box"), video = by("camera");
  box.hidden = !face || !video.videoWidth;
  if (box.hidden) return;
  const scale = Math.min(video.clientWidth / video.videoWidth, video.clientHeight / video.videoHeight);
  const width = video.videoWidth * scale, height = video.videoHeight * scale;
  const left = video.offsetLeft + (video.clientWidth - width) / 2, top = video.offsetTop + (video.clientHeight - height) / 2;
  box.style.left = `${left + face.left * width}px`; box.style.top = `${top + face.top * height}px`;
  box.style.width = `${face.width * width}px`; box.style.height = `${face.height * height}px`;
  box.className = `face-box ${tone}`;
}

async function shoot() {
  const video = by("camera");
  if (!stream || !live || !video.videoWidth) return;
  if (refusedNow && Date.now() > armedUntil) {  // not good enough: once more to take it all the same
    armedUntil = Date.now() + ARMED_MS;
    hint(`${by("face-hint").textContent} · ${say("face.shoot_anyway")}`, "bad");
    return;
  }
  armedUntil = 0;
  take(await drawn(video, video.videoWidth, video.videoHeight, LONGEST, 0.92));
}

function take(photo) {
  live = false; looking++; failedUntil = 0;
  by("retake").focus({ preventScroll: true });
  desk.change({ pictures: { photo }, check: null });
  render();
  verify();
}

function retake() {
  checked = frozen;
  desk.change({ pictures: { photo: null }, check: null });
  by("id_photo").value = "";
  if (stream) aim(); else { render(); openCamera(); }
}

async function chosen() {
  const file = by("id_photo").files[0];
  if (!file) return;
  try {
    const picture = await createImageBitmap(file);
    take(await drawn(picture, picture.width, picture.height, LONGEST, 0.92));
  } catch { hint(say("face.unreadable"), "bad"); }
}

// --- the check --------------------------------------------------------------------------------------------------------
const consented = () => desk.draft.fields.face_consent === true || Boolean(desk.draft.person && desk.draft.face_consent_held);

async function verify() {
  const { photo, card_portrait: card } = desk.pictures, key = desk.draft.key;
  const ready = photo && card && consented() && desk.draft.house && desk.online && !busy;
  if (!ready || Date.now() < failedUntil || (checked.photo === photo && checked.card === card)) { render(failedUntil > Date.now() ? problem : ""); return; }
  busy = true; checked = { photo, card };
  render();
  let check = null, told = "";
  try {
    const fields = { client_key: key, house: desk.draft.house.id, face_consent: true };
    const answer = await desk.post(desk.urls.face_check, fields, { photo, card_portrait: card });
    if (answer.status === 200) check = { ...answer.body, reason: "", note: "" };
    else { checked = frozen; told = answer.body.message || say("face.failed"); }
  } catch { checked = frozen; told = say("face.failed"); }
  busy = false;
  const same = key === desk.draft.key && photo === desk.pictures.photo && card === desk.pictures.card_portrait;
  if (!same) { checked = frozen; verify(); return; }
  failedUntil = check ? 0 : Date.now() + AGAIN_MS; problem = told;
  if (check) desk.change({ check }); else setTimeout(verify, AGAIN_MS + 100);
  render(told);
}

function verdict() {
  const { photo, card_portrait: card } = desk.pictures, check = desk.draft.check;
  if (by("photo-refused").checked) return ["–", "off", say("face.refused")];
  if (!photo) return null;
  if (!card) return ["–", "off", say("face.no_card")];
  if (busy) return ["…", "off", say("face.checking")];
  if (check?.outcome === "passed") return ["✓", "good", say("face.passed")];
  if (check?.outcome === "below") return ["!", "warn", say("face.below")];
  if (check?.outcome) return [check.needs_reason ? "!" : "–", check.needs_reason ? "warn" : "off", check.words];
  if (!consented()) return ["!", "warn", say("face.need_consent")];
  return ["–", "off", desk.online ? say("face.failed") : say("face.offline")];
}

// --- showing ----------------------------------------------------------------------------------------------------------
function render(told = "") {
  const { photo, card_portrait: card } = desk.pictures, check = desk.draft.check, refusing = by("photo-refused").checked;
  const aiming = live && stream && !photo && !refusing, beside = Boolean(photo && card), below = Boolean(check?.needs_reason);
  by("shooting").hidden = refusing;
  by("camera").hidden = !aiming;
  if (!aiming) { by("face-box").hidden = true; hint(""); }
  show(by("preview"), aiming || refusing ? null : photo);
  by("camera-says").hidden = Boolean(aiming || photo);
  if (!aiming && !photo) by("camera-says").textContent = say("face.idle");
  by("open-camera").hidden = Boolean(aiming || photo);
  by("shoot").hidden = !aiming;
  by("retake").hidden = !photo || below;
  by("camera-frame").hidden = by("file-choice").hidden = by("face-hint").hidden = beside;  // the two pictures stand side by side below
  show(by("card-face"), card); by("no-card").hidden = Boolean(card);
  show(by("live-face"), refusing ? null : photo); by("no-live").hidden = Boolean(photo) && !refusing;
  const said = verdict();
  by("verdict").hidden = !said && !card;
  by("verdict-says").className = `said-of ${said?.[1] ?? ""}`;
  const text = said ? `${said[0]} ${told || said[2]}` : "";
  if (by("verdict-says").textContent !== text) by("verdict-says").textContent = text;
  bar(check);
  const hints = check?.hints ?? [];
  by("verdict-hints").hidden = !hints.length;
  by("verdict-hints").replaceChildren(...hints.map((words) => Object.assign(document.createElement("li"), { textContent: words })));
  by("below").hidden = !below;
  if (below) { by("id_check_reason").value = check.reason || ""; if (document.activeElement !== by("id_check_note")) by("id_check_note").value = check.note || ""; }
}

function bar(check) {
  const scored = typeof check?.score === "number";
  by("verdict-bar").hidden = !scored;
  if (!scored) return;
  const share = (value) => String(Math.round(100 * Math.min(1, Math.max(0, value))));
  const fill = by("verdict-bar").querySelector(".score-fill");
  fill.setAttribute("width", share(check.score));
  fill.classList.toggle("good", check.outcome === "passed");
  by("verdict-bar").querySelector(".score-mark").setAttribute("x", share(check.threshold));
  const seconds = check.took_ms ? ` · ${say("face.seconds", { seconds: (check.took_ms / 1000).toFixed(2) })}` : "";
  by("verdict-score").textContent = say("face.score", { score: check.score.toFixed(2), threshold: check.threshold.toFixed(2) }) + seconds;
}

function opened() {
  const { check } = desk.draft, { photo, card_portrait: card } = desk.pictures;
  live = false; looking++; busy = false; armedUntil = 0; failedUntil = 0;
  checked = check?.outcome && photo ? { photo, card } : frozen;
  by("photo-refused").checked = check?.reason === REFUSED;
  by("id_photo").value = "";
  if (stream && !photo) aim();
  render();
  verify();
}

function changed(patch) {
  const refusing = by("photo-refused").checked, other = "card_portrait" in (patch.pictures ?? {}) && patch.pictures.card_portrait !== checked.card;
  if (other && desk.draft.check && !refusing && !("check" in patch)) { desk.change({ check: null }); return; }
  verify();
}

export function mount(given) {
  desk = given;
  by("open-camera").addEventListener("click", openCamera);
  by("shoot").addEventListener("click", shoot);
  by("retake").addEventListener("click", retake);
  by("below-retake").addEventListener("click", retake);
  by("id_photo").addEventListener("change", chosen);
  by("photo-refused").addEventListener("change", (event) => {
    if (event.target.checked) { live = false; looking++; closeCamera(); }
    checked = frozen;
    desk.change(event.target.checked ? { pictures: { photo: null }, check: { outcome: "not_done", reason: REFUSED } } : { check: null });
    render();
  });
  by("id_check_reason").addEventListener("change", (event) => desk.change({ check: { ...desk.draft.check, reason: event.target.value } }));
  by("id_check_note").addEventListener("input", (event) => desk.change({ check: { ...desk.draft.check, note: event.target.value } }));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "F4" || event.altKey || event.ctrlKey) return;
    event.preventDefault();
    if (by("photo-refused").checked) return;
    if (live && stream) shoot(); else if (desk.pictures.photo) retake(); else openCamera();
  });
  window.addEventListener("pagehide", closeCamera);
  desk.on("draft", opened);
  desk.on("change", changed);
  desk.on("pack", verify);  // the line is there again
}
