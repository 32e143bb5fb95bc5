// What lies in this browser: drafts being written, waiting, refused, delivered. And the light at the bottom of the page.
import { say } from "./words.js";
import { titleOf } from "./drafts.js";

const TONES = { editing: "off", queued: "busy", conflict: "warn", refused: "bad", delivered: "busy", arrived: "ok", broken: "bad" };
const MOST_SHOWN = 30;
const by = (id) => document.getElementById(id);

export function mount(desk) {
  const list = by("draft-list"), light = by("queue-light");

  async function show() {
    const drafts = await desk.store.list(), others = await desk.store.others();
    list.replaceChildren(...drafts.slice(0, MOST_SHOWN).map(line));
    by("draft-none").hidden = drafts.length > 0;
    by("draft-others").textContent = others ? say("draft.others", { n: others }) : "";
    const count = (...states) => drafts.filter((draft) => states.includes(draft.state)).length;
    const waiting = count("editing", "queued", "conflict", "refused", "broken"), arrived = count("arrived");
    const delivered = count("delivered") + arrived;
    light.replaceChildren(
      dot("here", say("light.here", { n: waiting }), waiting ? "busy" : "off"),
      dot("delivered", say("light.delivered", { n: delivered }), delivered ? "ok" : "off"),
      dot("arrived", say("light.arrived", { n: arrived }), arrived ? "ok" : "off"),
    );
    navigator.setAppBadge?.(waiting).catch(() => {});
  }

  function dot(name, text, tone) {
    const item = document.createElement("span"), mark = document.createElement("span");
    item.dataset.light = name;
    mark.className = `light ${tone}`; mark.setAttribute("aria-hidden", "true");
    item.append(mark, text);
    return item;
  }

  function line(draft) {
    const item = document.createElement("li"), open = document.createElement("button"), badge = document.createElement("span");
    item.dataset.state = draft.state;
    open.type = "button"; open.className = "link"; open.textContent = titleOf(draft);
    open.disabled = ["delivered", "arrived", "broken"].includes(draft.state);
    open.addEventListener("click", () => desk.open(draft.key));
    badge.className = `badge ${draft.held ? "bad" : TONES[draft.state]}`;
    badge.textContent = say(draft.held ? "state.held" : `state.${draft.state}`);
    if (draft.key === desk.draft.key) item.setAttribute("aria-current", "true");
    item.append(open, badge, moment(draft), ...reasons(draft));
    if (!["queued", "delivered"].includes(draft.state)) item.append(drop(draft));
    if (draft.state === "queued") item.append(back(draft));
    return item;
  }

  function moment(draft) {
    const time = document.createElement("time"), at = new Date(draft.changed_at);
    time.className = "muted"; time.dateTime = at.toISOString();
    time.textContent = at.toLocaleString("sv-SE", { timeZone: "Asia/Shanghai" }).slice(5, 16);
    return time;
  }

  function reasons(draft) {
    const told = Object.values((draft.state === "refused" && draft.errors) || {}).flat().concat(Object.values(draft.way ?? {}).map((way) => way.reason)).filter(Boolean);
    if (!told.length) return [];
    const text = document.createElement("p");
    text.className = "problem"; text.textContent = [...new Set(told)].join(" ");
    return [text];
  }

  function drop(draft) {
    const button = document.createElement("button");
    button.type = "button"; button.className = "button quiet"; button.textContent = say("draft.drop");
    button.setAttribute("aria-label", `${say("draft.drop")} ${titleOf(draft)}`);
    button.addEventListener("click", async () => {
      if (!["arrived", "broken"].includes(draft.state) && !(await desk.sure(say("draft.drop_sure")))) return;
      await desk.drop(draft.key);
    });
    return button;
  }

  function back(draft) {
    const button = document.createElement("button");
    button.type = "button"; button.className = "button quiet"; button.textContent = say("draft.take_back");
    button.addEventListener("click", () => desk.takeBack(draft.key));
    return button;
  }

  for (const name of ["kept", "queue", "draft", "dropped"]) desk.on(name, show);
  return show();
}
