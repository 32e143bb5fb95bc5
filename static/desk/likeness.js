// Search before create: who is registered that may be the person being typed; the collector says whether it is.
// Writes desk.change({likeness: [{other, choice, reason, note}], person: uuid|null}).
import { say } from "./words.js";

const ASKED = ["document_type", "document_number", "name", "birth_date", "phone"];
const SHORTEST = { document_number: 6, name: 2, phone: 7 };
const REASONS = ["twin", "namesake", "mistyped", "shared_phone", "other"];
const MARKS = new Map([[true, ["✓", "likeness.agrees", "ok"]], [false, ["≠", "likeness.differs", "warn"]], [null, ["–", "likeness.unknown", "off"]]]);
const PAUSE_MS = 400;

function make(tag, facts = {}, ...children) {
  const made = Object.assign(document.createElement(tag), facts);
  made.append(...children.filter(Boolean));
  return made;
}

export function mount(desk) {
  const box = document.getElementById("likeness");
  if (!box) return;
  const list = document.getElementById("likeness-list"), status = document.getElementById("likeness-says");
  let timer, turn = 0, people = [], last = "", asking = null;  // asking: id of the card whose reason is being chosen

  const decisions = () => desk.draft.likeness ?? [];
  const decided = (id) => decisions().find((one) => one.other === id);

  const bound = () => decisions().some((one) => one.choice === "same" && one.other === desk.draft.person);

  function wanted() {
    const fields = desk.draft.fields ?? {};
    const typed = Object.fromEntries(ASKED.map((name) => [name, String(fields[name] ?? "").trim()]));
    for (const [name, least] of Object.entries(SHORTEST)) if ([...typed[name]].length < least) typed[name] = "";
    const enough = typed.document_number || typed.name || typed.phone;
    return desk.draft.house?.id && enough ? { ...typed, house: desk.draft.house.id, leave_out: bound() ? "" : desk.draft.person ?? "" } : null;
  }

  function tell(key, values) {
    status.textContent = key ? say(key, values) : "";
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE_MS);
  }

  function settle() {
    const asked = wanted();
    if (asked && JSON.stringify(asked) === last) return;
    last = "";
    turn += 1;  // an answer on its way is about something else now
    later();
  }

  async function look() {
    const asked = wanted(), mine = (turn += 1);
    if (!asked) { people = []; last = ""; draw(); return; }
    if (!desk.online) { offline(); return; }
    try {
      const answer = await desk.post(desk.urls.likeness, asked);
      if (mine !== turn) return;
      if (answer.status !== 200) { people = []; draw(); box.hidden = false; tell("likeness.failed"); return; }
      people = answer.body.candidates;
      last = JSON.stringify(asked);
      forget();
      draw();
    } catch (error) {
      if (mine === turn && error.name === "Offline") offline();
    }
  }

  function offline() {
    people = [];
    draw();
    box.hidden = false;
    tell("likeness.offline");
  }

  // What was decided of somebody who is not alike any more goes; whom the draft is bound to stays.
  function forget() {
    const here = new Set(people.map((one) => one.id));
    const kept = decisions().filter((one) => here.has(one.other) || one.choice === "same");
    if (kept.length !== decisions().length) desk.change({ likeness: kept });
  }

  function decide(id, choice, reason = "", note = "") {
    const rest = decisions().filter((one) => one.other !== id && !(choice === "same" && one.choice === "same"));
    asking = null;
    desk.change({ likeness: [...rest, { other: id, choice, reason, note }], ...(choice === "same" ? { person: id } : {}) });
    draw(id);
  }

  function undo(id) {
    const was = decided(id);
    desk.change({ likeness: decisions().filter((one) => one.other !== id), ...(was?.choice === "same" ? { person: null } : {}) });
    draw(id);
  }

  function draw(focused) {
    const unanswered = people.filter((one) => one.must && !decided(one.id)).length;
    box.hidden = people.length === 0 && !desk.draft.errors?.likeness;
    list.replaceChildren(...people.map(card));
    tell(people.length ? "likeness.found" : "", { count: people.length });
    status.className = unanswered ? "hint bad" : "hint";
    if (focused) document.getElementById(`likeness-${focused}`)?.querySelector("select, button")?.focus();
  }

  function fact(key, value) {
    return value ? make("span", {}, say(key), value) : null;
  }

  function card(person) {
    const id = `likeness-${person.id}`;
    const title = make("h4", { id: `${id}-title` }, person.name || "—");
    if (person.restricted) title.append(" ", make("span", { className: "badge warn" }, `⚠ ${say("likeness.restricted")}`));
    if (person.led) title.append(" ", make("span", { className: "badge off" }, `↪ ${say("likeness.led")}`));
    const facts = [
      fact("likeness.number", person.number), fact("likeness.phone", person.phone), fact("likeness.birth", person.birth_date),
      fact("likeness.lives", person.houses.join("、") || say("likeness.nowhere")),
    ];
    const grounds = make("p", {}, say("likeness.grounds"), " ", person.grounds.map((one) => one.words).join("、"));
    const agrees = make("ul", { className: "agrees" }, ...Object.entries(person.agrees).map(([name, same]) => {
      const [mark, word, tone] = MARKS.get(same ?? null);
      return make("li", { className: `badge ${tone}` }, `${mark} ${say(`likeness.fact_${name}`)} ${say(word)}`);
    }));
    const must = person.must && !decided(person.id)
      ? make("p", { className: "problem" }, `! ${say(person.must === "same" ? "likeness.must_same" : "likeness.must_decide")}`) : null;
    const group = make("div", { className: "card", id }, title, make("p", { className: "muted told" }, ...facts), grounds, agrees, must, answer(person));
    group.setAttribute("role", "group");
    group.setAttribute("aria-labelledby", `${id}-title`);
    return make("li", {}, group);
  }

  function answer(person) {
    const said = decided(person.id);
    if (said) {
      const words = said.choice === "same" ? say("likeness.bound") : say("likeness.decided", { reason: said.note || say(`likeness.reason_${said.reason}`) });
      return make("div", { className: "actions" }, make("strong", { className: "said" }, `✓ ${words}`), button("likeness.undo", () => undo(person.id)));
    }
    if (asking === person.id) return why(person);
    const row = make("div", { className: "actions" }, button("likeness.same", () => decide(person.id, "same"), "primary"));
    if (person.must !== "same") row.append(button("likeness.because", () => { asking = person.id; draw(person.id); }));
    return row;
  }

  function button(key, act, tone = "") {
    const made = make("button", { type: "button", className: `button ${tone}`.trim() }, say(key));
    made.addEventListener("click", act);
    return made;
  }

  function why(person) {
    const select = make("select", { id: `likeness-reason-${person.id}` }, make("option", { value: "" }, say("likeness.choose")),
      ...REASONS.map((code) => make("option", { value: code }, say(`likeness.reason_${code}`))));
    const note = make("input", { id: `likeness-note-${person.id}`, maxLength: 200, autocomplete: "off" });
    const confirm = button("likeness.confirm", () => decide(person.id, "other", select.value, note.value.trim()), "primary");
    const check = () => { confirm.disabled = !select.value || (select.value === "other" && note.value.trim().length < 2); };
    const cancel = () => { asking = null; draw(person.id); };
    select.addEventListener("change", check);
    note.addEventListener("input", check);
    check();
    const made = make("div", {},
      make("div", { className: "field" }, make("label", { htmlFor: select.id }, say("likeness.reason")), select),
      make("div", { className: "field" }, make("label", { htmlFor: note.id }, say("likeness.note")), note),
      make("div", { className: "actions" }, confirm, button("likeness.cancel", cancel)));
    made.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); cancel(); }
      else if (event.key === "Enter" && event.target !== select && !event.ctrlKey && event.target.tagName === "INPUT") {
        event.preventDefault();
        event.stopPropagation();  // Enter does not go on to the next field from here
        if (!confirm.disabled) confirm.click();
      }
    });
    return made;
  }

  // "Somebody new after all", chosen elsewhere on the desk: nobody is the same person then.
  function unbind() {
    const rest = decisions().filter((one) => one.choice !== "same");
    if (rest.length !== decisions().length) { desk.change({ likeness: rest }); draw(); }
  }

  desk.on("draft", () => { people = []; asking = null; last = ""; turn += 1; draw(); later(); });
  desk.on("change", (patch) => {
    if ("person" in patch && !patch.person) unbind();
    if (patch.fields || "house" in patch || "person" in patch) settle();
  });
  window.addEventListener("online", () => { last = ""; later(); });
  later();
}
