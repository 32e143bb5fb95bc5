// The readers this page can speak to, and the one this workstation chose. One reading at a time, in all tabs.
import { bridge } from "./bridge.js";
import { local } from "./call.js";
import { cvr100 } from "./cvr100.js";
import { CODES, ReaderError } from "./errors.js";
import { socket } from "./socket.js";
import { xzx } from "./xzx.js";

export { CODES, ReaderError };
export const READERS = [xzx, cvr100, socket, bridge];
const PLACE = "anju.reader", LOCK = "anju-reader", SPARE_SECONDS = 45;
const named = (kind) => READERS.find((reader) => reader.kind === kind);

/** The workstation's choice {kind, address, token}, or null. */
export function chosen() {
  let kept = null;
  try { kept = JSON.parse(localStorage.getItem(PLACE)); } catch { /* damaged: as if nothing were chosen */ }
  const reader = named(kept?.kind);
  if (!reader) return null;
  const text = (value, otherwise) => (typeof value === "string" && value.length <= 200 ? value : otherwise);
  return { kind: reader.kind, address: text(kept.address, reader.address), token: text(kept.token, "") };
}

/** Remember a choice on this workstation; ReaderError("address") when the address is not this machine, or not let through. */
export function choose({ kind, address, token = "" }, tables) {
  const reader = named(kind);
  if (!reader) throw new ReaderError("unchosen");
  const plain = local(address || reader.address, reader.protocols);
  if (tables.sources && !tables.sources.includes(new URL(plain).origin)) throw new ReaderError("address");
  const choice = { kind, address: plain, token: token.trim().slice(0, 200) };
  localStorage.setItem(PLACE, JSON.stringify(choice));
  return choice;
}

let reading = false;
async function alone(act) {
  if (reading) throw new ReaderError("busy");
  reading = true;
  try {
    if (!navigator.locks) return await act();
    return await navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => {
      if (!lock) throw new ReaderError("busy");
      return act();
    });
  } finally { reading = false; }
}

/** Every way out is a ReaderError, and every way ends: whatever the service does. */
async function guarded(act, signal, seconds) {
  const late = AbortSignal.timeout(seconds * 1000), either = signal ? AbortSignal.any([signal, late]) : late;
  try { return await alone(() => act(either)); } catch (error) {
    const code = error instanceof ReaderError ? error.code : "bad-answer";
    throw new ReaderError(code === "cancelled" && !signal?.aborted ? "not-answering" : code);
  }
}

/** {read({signal, waitSeconds}) → card, status({signal}) → {ok, code}} of a choice. */
export function open(choice, tables) {
  const reader = named(choice?.kind);
  const made = () => {
    if (!reader) throw new ReaderError("unchosen");
    return reader.open({ address: choice.address || reader.address, token: choice.token, tables });
  };
  return {
    read: ({ signal, waitSeconds = 10 } = {}) => guarded((either) => made().read({ signal: either, waitSeconds }), signal, waitSeconds + SPARE_SECONDS),
    async status({ signal } = {}) {
      try { await guarded((either) => made().status({ signal: either }), signal, SPARE_SECONDS); return { ok: true, code: "" }; } catch (error) { return { ok: false, code: error.code }; }
    },
  };
}
