// A conflict: what the collector wrote beside what somebody else stored. Nothing is overwritten until he has chosen.
import { say } from "./words.js";

const by = (id) => document.getElementById(id);

export function mount(desk) {
  const box = by("conflict"), rows = by("conflict-rows"), title = by("conflict-title"), lead = by("conflict-lead");

  function show() {
    const { conflict, state } = desk.draft;
    box.hidden = state !== "conflict" || !conflict;
    if (box.hidden) return;
    const other = conflict.why === "registered";
    title.textContent = say(other ? "conflict.registered" : "conflict.changed", { name: conflict.name, number: conflict.number });
    lead.textContent = say(conflict.rows.length ? "conflict.lead" : "conflict.same");
    rows.replaceChildren(...conflict.rows.map(row));
    by("conflict-table").hidden = conflict.rows.length === 0;
    by("conflict-other").hidden = !other;
    box.scrollIntoView({ block: "nearest" });
    box.focus();
  }

  function row(one) {
    const line = document.createElement("tr"), head = document.createElement("th");
    head.scope = "row"; head.textContent = one.label;
    line.append(head, choice(one, "mine", mine(one.field)), choice(one, "theirs", one.theirs || say("conflict.empty")));
    return line;
  }

  function choice(one, side, text) {
    const cell = document.createElement("td"), label = document.createElement("label"), radio = document.createElement("input");
    radio.type = "radio"; radio.name = `conflict-${one.field}`; radio.value = side; radio.checked = side === "theirs";
    label.className = "choice"; label.append(radio, ` ${text}`);
    cell.dataset.label = say(`conflict.${side}`);
    cell.append(label);
    return cell;
  }

  function mine(name) {
    if (name === "photo") return say("conflict.new_photo");
    const value = desk.draft.fields[name], input = desk.element.elements[name];
    if (input?.tagName === "SELECT") return [...input.options].find((option) => option.value === value)?.textContent ?? "";
    if (typeof value === "boolean" || value === undefined) return say(value ? "yes" : "no");
    return value;
  }

  // Same person: his version is the one that was seen, and only the fields chosen as mine are sent.
  by("conflict-take").addEventListener("click", async () => {
    const { conflict } = desk.draft, fields = {}, pictures = {};
    for (const one of conflict.rows) {
      if (box.querySelector(`[name="conflict-${one.field}"]:checked`).value === "mine") continue;
      if (one.field === "photo") pictures.photo = null; else fields[one.field] = null;
    }
    desk.change({
      person: conflict.person, person_version: conflict.person_version, residency_version: conflict.residency_version,
      masked: { name: conflict.name, document_number: conflict.number }, fields, pictures, state: "editing", conflict: null,
    });
    desk.refill();
    await desk.submit();
  });
  by("conflict-other").addEventListener("click", () => {
    desk.change({ state: "editing", conflict: null });
    box.hidden = true;
    by("id_document_number").focus();
  });

  desk.on("draft", show);
  desk.on("conflict", show);
  desk.on("change", () => { if (desk.draft.state !== "conflict") box.hidden = true; });
}
