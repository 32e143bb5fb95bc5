// A reader behind a WebSocket: it pushes a card that is laid down (Cmd 10001) and gives it when asked (Cmd 10000).
import { bounded, local, object, unreached, MOST_ANSWER } from "./call.js";
import { card } from "./card.js";
import { ReaderError } from "./errors.js";

const ASK = JSON.stringify({ Cmd: 10000, UserParam: "" }), ASK_MS = 700, MOST_MESSAGES = 100, OPEN_MS = 5000;
const COMMANDS = new Set([10000, 10001]);

/** A text that is base64 of the hex digits of UTF-16LE. */
export function unwrapped(text) {
  if (typeof text !== "string" || !text) return "";
  if (text.length > 4000) throw new ReaderError("bad-answer");
  let digits;
  try { digits = atob(text).replace(/[\s\0]/g, ""); } catch { throw new ReaderError("bad-answer"); }
  if (!/^([\da-f]{2})*$/i.test(digits)) throw new ReaderError("bad-answer");
  const bytes = Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  return new TextDecoder("utf-16le").decode(bytes).replace(/[\0 ]+$/, "");
}

function raw(param) {
  if (typeof param !== "string" || param.length > MOST_ANSWER) throw new ReaderError("bad-answer");
  let inner;
  try { inner = new TextDecoder().decode(Uint8Array.from(atob(param), (sign) => sign.charCodeAt(0))); } catch { throw new ReaderError("bad-answer"); }
  const told = object(inner), info = told.CardInfo;
  if (typeof info !== "object" || info === null) throw new ReaderError("bad-answer");
  const of = (name) => unwrapped(info[name]);
  return {
    name: of("Name"), sex: of("Sex"), nation: of("Nation"), nationality: of("Nation"), birth: of("Birthday"), address: of("Address"),
    number: of("No"), authority: of("SignedDepartment"), validFrom: of("ValidityPeriodBegin"), validTo: of("ValidityPeriodEnd"),
    englishName: of("EnName"), passNo: of("OtherNo"), issueCount: of("SignNum"), photo: told.BmpInfo,
  };
}

/** Open, use, and close whatever happens. `use(line, done, fail)` sets the handlers. */
function converse(url, signal, milliseconds, ended, use) {
  return new Promise((done, fail) => {
    let line;
    try { line = new WebSocket(url); } catch { fail(new ReaderError("address")); return; }
    let open = false;
    const cleanups = [];
    const finish = (settle, value) => { cleanups.splice(0).forEach((clean) => clean()); line.onmessage = line.onerror = line.onclose = null; line.close(); settle(value); };
    const refuse = (code) => finish(fail, new ReaderError(code));
    const stop = () => refuse("cancelled");
    if (signal?.aborted) { stop(); return; }
    signal?.addEventListener("abort", stop, { once: true });
    const opening = setTimeout(() => { if (!open) refuse("not-answering"); }, OPEN_MS);
    const ending = setTimeout(() => refuse(ended()), milliseconds);
    cleanups.push(() => signal?.removeEventListener("abort", stop), () => clearTimeout(opening), () => clearTimeout(ending));
    line.onopen = () => { open = true; use(line, (value) => finish(done, value), (error) => finish(fail, error), cleanups); };
    line.onclose = line.onerror = async () => {
      line.onclose = line.onerror = null;
      refuse(open ? "not-answering" : await unreached(url));
    };
  });
}

export const socket = {
  kind: "ws", address: "ws://127.0.0.1:30004/ws", protocols: ["ws:"], token: false,
  open({ address, tables }) {
    const url = local(address, this.protocols);
    return {
      read({ signal, waitSeconds = 10 } = {}) {
        let heard = 0, state = "no-card";
        return converse(url, signal, Math.max(1, bounded(waitSeconds)) * 1000, () => state, (line, done, fail, cleanups) => {
          const ask = () => { if (line.readyState === WebSocket.OPEN && line.bufferedAmount === 0) line.send(ASK); };
          const asking = setInterval(ask, ASK_MS);
          cleanups.push(() => clearInterval(asking));
          line.onmessage = ({ data }) => {
            heard += 1;
            try {
              if (heard > MOST_MESSAGES || typeof data !== "string" || data.length > MOST_ANSWER) throw new ReaderError("bad-answer");
              const told = object(data);
              if (!COMMANDS.has(told.Cmd)) return; // news of other kinds
              if (Number(told.Ret) !== 0) { state = "no-card"; return; }
              done(card("ws", raw(told.UserParam), tables));
            } catch (error) { fail(error instanceof ReaderError ? error : new ReaderError("bad-answer")); }
          };
          ask();
        });
      },
      status({ signal } = {}) {
        return converse(url, signal, OPEN_MS + 1000, () => "not-answering", (_line, done) => done());
      },
    };
  },
};
