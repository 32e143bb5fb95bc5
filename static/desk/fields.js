// 3 What the form says: inputs and draft are one. An input of somebody registered shows the mask, and empty changes nothing.
import { say } from "./words.js";

const by = (id) => document.getElementById(id);

export function mount(desk) {
  const inputs = [...desk.element.elements].filter((input) => input.name && !["file", "hidden", "submit", "button"].includes(input.type));
  const named = new Map(inputs.map((input) => [input.name, input]));
  const lease = by("lease"), family = by("family-box"), contract = by("id_lease_contract");

  const read = (input) => (input.type === "checkbox" ? (input.checked || null) : input.value.trim() || null);
  function write(input, value) {
    if (input.type === "checkbox") input.checked = Boolean(value);
    else if (document.activeElement !== input || value !== read(input)) input.value = value ?? "";
  }

  function take(event) {
    const input = event.target;
    if (!named.has(input.name)) return;
    const value = input.name === "tenant_family" ? input.checked : read(input);
    desk.change({ fields: { [input.name]: value } });
    clear(input.name);
  }
  desk.element.addEventListener("input", take);
  desk.element.addEventListener("change", take);

  function fill() {
    const { fields, masked = {} } = desk.draft;
    for (const [name, input] of named) {
      write(input, fields[name]);
      if (input.type !== "checkbox" && input.tagName === "INPUT") input.placeholder = masked[name] ?? "";
    }
    showLease();
    showPerson();
    tellErrors(desk.draft.errors);
    tellContract();
  }

  function showLease() {
    const { occupant_type: kind, tenant_family: related } = desk.draft.fields;
    lease.hidden = !(kind === "1" || related);
    family.hidden = kind !== "3";
  }

  // Whom one completes, and the way back.
  function showPerson() {
    const box = by("person-box");
    box.hidden = !desk.draft.person;
    by("person-says").textContent = desk.draft.person
      ? say("person.completing", { name: desk.draft.masked?.name || desk.draft.conflict?.name || say("person.registered") }) : "";
  }
  by("person-new").addEventListener("click", () => {
    desk.change({ person: null, person_version: null, residency_version: null, masked: null });
    fill();
    named.get("document_number").focus();
  });

  function clear(name) {
    const problem = desk.element.querySelector(`[data-problem="${name}"]`);
    if (problem) problem.hidden = true;
    named.get(name)?.removeAttribute("aria-invalid");
  }

  // What the server did not take, at each field; the rest above the form.
  function tellErrors(errors) {
    const rest = [];
    for (const problem of desk.element.querySelectorAll("[data-problem]")) problem.hidden = true;
    for (const input of inputs) input.removeAttribute("aria-invalid");
    for (const [name, told] of Object.entries(errors ?? {})) {
      const place = desk.element.querySelector(`[data-problem="${name}"]`);
      if (!place) { rest.push(...told); continue; }
      place.textContent = told.join(" "); place.hidden = false;
      named.get(name)?.setAttribute("aria-invalid", "true");
      const fold = place.closest("details");
      if (fold) fold.open = true;
    }
    const above = by("desk-problem");
    above.textContent = rest.join(" "); above.hidden = rest.length === 0;
    const input = (name) => named.get(name) ?? (name === "house" ? by("house-search") : desk.element.querySelector(`[aria-describedby~="problem-${name}"]`));
    Object.keys(errors ?? {}).map(input).find(Boolean)?.focus();
  }

  function tellContract() {
    by("contract-says").textContent = desk.pictures.lease_contract ? say("lease.kept") : "";
  }
  contract.addEventListener("change", async () => {
    const chosen = contract.files[0];
    if (!chosen) return;
    desk.change({ pictures: { lease_contract: await desk.shrink(chosen) } });
    contract.value = "";
    clear("lease_contract");
    tellContract();
  });

  desk.on("draft", fill);
  desk.on("change", (patch) => {
    if (patch.fields) {
      for (const name of Object.keys(patch.fields)) if (named.has(name)) write(named.get(name), desk.draft.fields[name]);
      showLease();
    }
    if ("person" in patch || "masked" in patch) showPerson();
    if ("check" in patch) { clear("check_reason"); clear("check_note"); }
    if ("likeness" in patch) clear("likeness");
    if (patch.pictures) Object.keys(patch.pictures).forEach(clear);
  });
  desk.on("errors", tellErrors);
}
