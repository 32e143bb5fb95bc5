// 1 House: found by "3-2-501" on the server, or among the houses kept for working off line; who is registered there.
import { say } from "./words.js";

const MOST = 12, LABEL = /^(\d{1,4})(?:号楼|栋|幢|楼|-)(?:(\d{1,3})(?:单元|-))?(\w{1,10})$/;
const by = (id) => document.getElementById(id);
const later = (ms, act) => { let timer; return () => { clearTimeout(timer); timer = setTimeout(act, ms); }; };
const halfWidth = (text) => text.normalize("NFKC").replace(/[—－–]/g, "-").replace(/\s+/g, "").replace(/[#室号]+$/, "");

export function mount(desk) {
  const search = by("house-search"), list = by("house-list"), problem = by("house-problem");
  let rows = [], at = -1, started = false;

  const mark = (index) => {
    at = index;
    [...list.children].forEach((item, place) => item.setAttribute("aria-selected", String(place === at)));
    search.setAttribute("aria-activedescendant", at >= 0 ? `house-${at}` : "");
  };
  const close = () => { list.hidden = true; search.setAttribute("aria-expanded", "false"); };

  function show(found, message) {
    rows = found;
    list.replaceChildren(...rows.map((row, index) => {
      const item = document.createElement("li");
      item.role = "option"; item.id = `house-${index}`;
      item.textContent = `${row.label}  ${row.place}`;
      item.addEventListener("mousedown", (event) => { event.preventDefault(); choose(row); });
      return item;
    }));
    list.hidden = rows.length === 0;
    search.setAttribute("aria-expanded", String(rows.length > 0));
    problem.textContent = message;
    problem.hidden = !message;
    mark(rows.length ? 0 : -1);
  }

  function choose(row) {
    close();
    problem.hidden = true;
    desk.change({ house: row });
    tell();
    by("id_document_number").focus();
  }

  async function find() {
    const wanted = search.value.trim();
    if (!wanted) { close(); return; }
    let found, message = "";
    try {
      const { status, body } = await desk.ask(`${desk.urls.find_houses}?q=${encodeURIComponent(wanted)}`);
      if (status !== 200) throw new Error(status);
      found = body.houses; message = body.message;
    } catch {
      found = offline(desk.pack, wanted);
      message = found.length ? "" : say("house.none_offline");
    }
    if (wanted === search.value.trim() && document.activeElement === search) show(found, message);
  }

  // The grid of a building: fragments of the page, whose buttons name the next one or the house.
  const grid = by("house-grid"), inside = by("house-grid-inside");
  async function load(address) {
    inside.setAttribute("aria-busy", "true");
    try { inside.innerHTML = await desk.askPage(address); } catch { inside.textContent = say("house.grid_offline"); }
    inside.removeAttribute("aria-busy");
    inside.querySelector("button")?.focus();
  }
  by("pick-house").addEventListener("click", () => { grid.showModal(); load(desk.urls.grid_buildings); });
  by("house-grid-back").addEventListener("click", () => load(desk.urls.grid_buildings));
  by("house-grid-close").addEventListener("click", () => grid.close());
  grid.addEventListener("click", (event) => {
    const next = event.target.closest("[data-grid]"), house = event.target.closest("[data-house]");
    if (next) load(next.dataset.grid);
    if (!house) return;
    const { house: id, label, place, community } = house.dataset;
    grid.close();
    choose({ id, label, place, community: Number(community) });
  });

  search.addEventListener("input", later(150, find));
  search.addEventListener("blur", close);
  search.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") mark(Math.min(at + 1, rows.length - 1));
    else if (event.key === "ArrowUp") mark(Math.max(at - 1, 0));
    else if (event.key === "Escape") { close(); return; }
    else if (event.key === "Enter" && !event.ctrlKey) { event.preventDefault(); event.stopPropagation(); if (!list.hidden && rows[at]) choose(rows[at]); else find(); return; }
    else return;
    event.preventDefault();
  });

  // What is known of the chosen house; who lives there, when the server can be asked.
  async function tell() {
    const house = desk.draft.house;
    if (house || started) search.value = house?.label ?? "";
    else if (search.value.trim()) find();  // typed before the page was up
    started = true;
    by("house-facts").textContent = house ? `${house.place}${house.address ? ` · ${house.address}` : ""}` : "";
    const people = by("house-people");
    people.replaceChildren();
    if (!house) return;
    try {
      const { status, body } = await desk.ask(desk.facts.household.replace("/0/", `/${house.id}/`));
      if (status !== 200 || desk.draft.house?.id !== house.id) return;
      people.replaceChildren(...(body.people.length ? body.people.map(line) : [plain(say("house.nobody"))]));
      by("house-facts").textContent = `${body.house.place} · ${body.house.address}`;
    } catch (error) { if (error.name === "Offline") people.replaceChildren(plain(say("house.offline"))); }
  }

  function line(one) {
    const item = document.createElement("li"), kind = document.createElement("span"), button = document.createElement("button");
    kind.className = "badge off"; kind.textContent = one.kind;
    button.type = "button"; button.className = "link";
    button.textContent = `${one.name} ${one.number}`;
    button.title = say("house.complete", { name: one.name });
    button.addEventListener("click", () => desk.complete(one.person, desk.draft.house?.id));
    item.append(kind, " ", button);
    if (!one.photo) { const lacks = document.createElement("span"); lacks.className = "badge warn"; lacks.textContent = say("house.no_photo"); item.append(" ", lacks); }
    return item;
  }

  function plain(text) {
    const item = document.createElement("li");
    item.className = "muted"; item.textContent = text;
    return item;
  }

  desk.on("draft", tell);
  desk.on("delivered", (draft) => { if (draft.house?.id === desk.draft.house?.id) tell(); });
}

// Houses of the kept list that match, as the server would find them.
export function offline(pack, wanted) {
  const houses = pack?.houses ?? [], places = new Map((pack?.places ?? []).map((place) => [place.id, place.name]));
  const match = halfWidth(wanted).match(LABEL);
  const fits = match
    ? (label) => { const [, building, unit, room] = match, parts = label.split("-"); return parts[0] === building && parts.at(-1) === room && (!unit || parts[1] === unit); }
    : (label) => label.split("-").at(-1) === halfWidth(wanted);
  const found = [];
  for (const [id, label, community] of houses) {
    if (fits(label)) found.push({ id, label, community, place: places.get(community) ?? "" });
    if (found.length === MOST) break;
  }
  return found;
}
