// 2 The number: checked here as it is typed, also off line, and by the server, which knows regions and permits.
import { say } from "./words.js";

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], CHECKS = "10X98765432";
const NUMBERED = ["111", "112"], GUARDED_YEARS = 14;
const by = (id) => document.getElementById(id);

export const plain = (text) => (text ?? "").normalize("NFKC").replace(/\s+/g, "").toUpperCase();

// {ok, message, birth, sex} of an identity number of 18 characters (GB 11643).
export function identity(text) {
  const number = plain(text);
  if (!/^\d{17}[\dX]$/.test(number)) return { ok: false, message: say("number.length", { n: number.length }) };
  const sum = WEIGHTS.reduce((total, weight, place) => total + weight * Number(number[place]), 0);
  const birth = `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`, day = new Date(`${birth}T00:00:00Z`);
  if (Number.isNaN(day.valueOf()) || day.toISOString().slice(0, 10) !== birth) return { ok: false, message: say("number.date") };
  if (CHECKS[sum % 11] !== number[17]) return { ok: false, message: say("number.check") };
  return { ok: true, birth, sex: Number(number[16]) % 2 ? "1" : "2", message: "" };
}

export function needsGuardian(birth, today = new Date()) {
  if (!birth) return false;
  const [year, month, day] = birth.split("-").map(Number);
  const before = today.getMonth() + 1 < month || (today.getMonth() + 1 === month && today.getDate() < day);
  return today.getFullYear() - year - (before ? 1 : 0) < GUARDED_YEARS;
}

export function mount(desk) {
  const says = by("number-says");
  let timer = 0;

  const show = (message, ok) => { says.textContent = message; says.className = message ? `hint ${ok ? "good" : "bad"}` : "hint"; };

  // The birth date and the sex follow from the number: they are put in, and decide whether a guardian has to consent.
  function follow(birth, sex) {
    const { fields } = desk.draft, patch = {};
    if (birth && fields.birth_date !== birth) patch.birth_date = birth;
    if (sex && fields.sex !== sex) patch.sex = sex;
    if (Object.keys(patch).length) desk.change({ fields: patch });
  }

  function guard() {
    const box = by("guardian-box");
    if (box) box.hidden = !needsGuardian(desk.draft.fields.birth_date) && !desk.draft.fields.guardian;
  }

  async function check() {
    const { document_number: number, document_type: kind } = desk.draft.fields;
    if (!number || plain(number).length < 5) { show("", true); return; }
    const local = NUMBERED.includes(kind) && plain(number).length === 18 ? identity(number) : null;
    if (local) { show(local.ok ? `${local.birth} · ${say(local.sex === "1" ? "sex.man" : "sex.woman")}` : local.message, local.ok); if (local.ok) follow(local.birth, local.sex); }
    try {
      const { status, body } = await desk.post(desk.urls.check_number, { document_number: number, document_type: kind });
      if (status !== 200 || desk.draft.fields.document_number !== number) return;
      show(body.message, body.ok);
      if (body.ok) follow(body.birth_date, body.sex);
    } catch { if (!local && NUMBERED.includes(kind)) show(say("number.offline"), true); }
  }

  const soon = () => { clearTimeout(timer); timer = setTimeout(check, 250); };
  desk.on("change", (patch) => {
    if (patch.fields && ("document_number" in patch.fields || "document_type" in patch.fields)) soon();
    if (patch.fields) guard();
  });
  desk.on("draft", () => { show("", true); guard(); soon(); });
}

// Why a form cannot be right yet, by field: told before it is sent, because nobody may be there to answer.
export function gaps(draft) {
  const { fields } = draft, found = {};
  if (!draft.house) found.house = [say("gap.house")];
  if (draft.person) return found;
  if (!fields.name) found.name = [say("gap.name")];
  if (!fields.document_number) found.document_number = [say("gap.number")];
  else if (NUMBERED.includes(fields.document_type)) {
    const number = plain(fields.document_number), told = number.length === 15 ? { ok: true } : identity(number);
    if (!told.ok) found.document_number = [told.message];
  }
  return found;
}
