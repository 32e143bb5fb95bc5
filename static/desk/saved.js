// What arrived last: whom, where, and how far it has come upstairs.
import { say } from "./words.js";

const STAGES = { local: 0, encrypted: 1, sent: 2, arrived: 3 };
const by = (id) => document.getElementById(id);

export function mount(desk) {
  const box = by("saved"), ways = by("saved-ways");
  let shown = "";

  function way(title, one) {
    const line = document.createElement("p"), name = document.createElement("span"), dots = document.createElement("span"), words = document.createElement("span");
    name.textContent = title;
    dots.className = "progress-dots"; dots.setAttribute("aria-hidden", "true");
    const reached = one.stage === "held" ? 0 : STAGES[one.stage];
    for (let place = 0; place < 4; place += 1) {
      const dot = document.createElement("span");
      dot.className = `dot ${one.stage === "held" ? (place === 0 ? "done" : place === 3 ? "held" : "") : place < reached || reached === 3 ? "done" : place === reached ? "now" : ""}`;
      dots.append(dot);
    }
    words.className = "progress-label"; words.textContent = one.reason ? `${one.label} ${one.reason}` : one.label;
    line.append(name, " ", dots, words);
    return line;
  }

  function show(draft) {
    if (!draft.result) return;
    if (draft.state === "delivered" && !draft.way) shown = draft.key;
    if (draft.key !== shown) return;
    box.hidden = false;
    by("saved-title").textContent = say("saved.title", { name: draft.result.name, house: draft.result.house });
    const local = { stage: "local", label: say("saved.local"), reason: "" };
    ways.replaceChildren(way(say("saved.person"), draft.way?.person ?? local), way(say("saved.residency"), draft.way?.residency ?? local));
  }

  desk.on("queue", show);
}
