// The reading pane: 读卡 (F2 anywhere on the page), a line that says how it went, and this workstation's choice of reader.
import { say } from "./words.js";
import { CODES, ReaderError, choose, chosen, open } from "./readers/index.js";

const WAIT_SECONDS = 15;
const LOOKS = { // class of the badge, sign: never colour alone
  ready: ["", "○"], busy: ["busy", "…"], ok: ["ok", "✓"], warn: ["warn", "!"], bad: ["bad", "✕"], off: ["", "–"],
};
const by = (id) => document.getElementById(id);

function tell(look, text, notices = []) {
  const [tint, sign] = LOOKS[look], list = by("reader-notices");
  by("reader-badge").className = `badge ${tint}`;
  by("reader-icon").textContent = sign;
  by("reader-state").textContent = say(`reader.state.${look}`);
  by("reader-text").textContent = text;
  list.hidden = notices.length === 0;
  list.replaceChildren(...notices.map((code) => Object.assign(document.createElement("li"), { textContent: say(`reader.notice.${code}`) })));
}

function problem(code, address) {
  const known = CODES.has(code) ? code : "bad-answer";
  tell(known === "cancelled" ? "ready" : known === "unchosen" ? "off" : "bad", say(`reader.error.${known}`, { origin: location.origin, address: address || "" }));
}

/** Put the pane to work. desk: {card(card), on(name, listener), element}. */
export function mount(desk) {
  const tables = JSON.parse(by("reader-tables").textContent);
  const kind = by("reader-kind"), address = by("reader-address"), token = by("reader-token"), settings = by("reader-settings");
  const usual = () => kind.selectedOptions[0]?.dataset.address ?? "";
  let running = null, round = 0;

  const rest = () => tell(chosen() ? "ready" : "off", say(chosen() ? "reader.idle" : "reader.none"));
  function work(on) {
    by("reader-label").textContent = say(on ? "reader.stop" : "reader.read");
    by("reader-read").classList.toggle("primary", !on);
  }

  async function read() {
    if (running) { running.abort(); return; }
    const choice = chosen();
    if (!choice) { problem("unchosen"); show(true); return; }
    const mine = running = new AbortController(), began = Date.now();
    const count = () => tell("busy", say("reader.waiting", { n: Math.max(0, WAIT_SECONDS - Math.floor((Date.now() - began) / 1000)) }));
    const ticking = setInterval(count, 1000);
    round += 1;
    const opened = round;
    work(true);
    count();
    try {
      const card = await open(choice, tables).read({ signal: mine.signal, waitSeconds: WAIT_SECONDS });
      if (opened !== round) return; // another draft was opened meanwhile: this card is not for it
      await desk.card(card);
      tell(card.notices.length ? "warn" : "ok", say("reader.done", { kind: say(`reader.kind.${card.type}`) }), card.notices);
    } catch (error) {
      if (opened !== round) return;
      if (!(error instanceof ReaderError)) console.error(error);
      problem(error.code, choice.address);
    } finally {
      clearInterval(ticking);
      if (running === mine) { running = null; work(false); }
    }
  }

  function fill() {
    const choice = chosen();
    if (choice) kind.value = choice.kind;
    address.value = choice?.address || usual();
    token.value = choice?.token ?? "";
    paired();
  }
  function paired() { by("reader-token-field").hidden = !("paired" in (kind.selectedOptions[0]?.dataset ?? {})); }
  function show(on) {
    settings.hidden = !on;
    by("reader-change").setAttribute("aria-expanded", String(on));
    if (on) { fill(); kind.focus(); }
  }
  const given = () => ({ kind: kind.value, address: address.value.trim() || usual(), token: token.value });

  function save() {
    try {
      choose(given(), tables);
      show(false);
      tell("ready", say("reader.chosen", { name: kind.selectedOptions[0].textContent }));
      by("reader-read").focus();
    } catch (error) { problem(error.code, usual()); }
  }
  async function test() {
    if (running) return;
    const mine = running = new AbortController();
    by("reader-test").disabled = true;
    tell("busy", say("reader.testing"));
    try {
      const choice = choose(given(), tables), state = await open(choice, tables).status({ signal: mine.signal });
      if (state.ok) tell("ok", say("reader.works"));
      else problem(state.code, choice.address);
    } catch (error) { problem(error.code, usual()); } finally { by("reader-test").disabled = false; running = null; }
  }

  by("reader-read").addEventListener("click", read);
  by("reader-change").addEventListener("click", () => show(settings.hidden));
  by("reader-close").addEventListener("click", () => { show(false); by("reader-change").focus(); });
  by("reader-save").addEventListener("click", save);
  by("reader-test").addEventListener("click", test);
  kind.addEventListener("change", () => { address.value = usual(); paired(); });
  settings.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.tagName !== "BUTTON") { event.preventDefault(); event.stopPropagation(); test(); } // not the desk's own Enter
    if (event.key === "Escape") { event.stopPropagation(); show(false); by("reader-change").focus(); }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "F2" || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    if (!running) read();
  });
  desk.on("draft", () => { round += 1; running?.abort(); rest(); });
  window.addEventListener("pagehide", () => running?.abort());
  rest();
}
