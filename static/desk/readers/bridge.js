// Our own program beside a SAM-V reader (residents/readers/standalone/anju_reader.py): it wants the pairing code.
import { ask, bounded, local, object } from "./call.js";
import { card } from "./card.js";
import { ReaderError } from "./errors.js";

const TYPES = new Set(["resident", "hmt", "foreigner2017", "foreigner2023"]), NOTICES = new Set(["photo-missing", "photo-not-decoded", "newest-address"]);

function notices(messages) {
  if (!Array.isArray(messages)) return [];
  return messages.slice(0, 10).map((message) => message?.code).filter((code) => NOTICES.has(code));
}

export const bridge = {
  kind: "bridge", address: "http://127.0.0.1:19197", protocols: ["http:"], token: true,
  open({ address, token, tables }) {
    const base = local(address, this.protocols), code = String(token ?? "").replace(/[^\w-]/g, "").slice(0, 60);
    const call = async (path, signal, seconds) => {
      if (!code) throw new ReaderError("token");
      const told = object((await ask(base + path, { signal, seconds, headers: { Authorization: `Bearer ${code}` } })).text);
      if (told.ok !== true) throw new ReaderError(typeof told.code === "string" ? told.code : "bad-answer");
      return told;
    };
    return {
      async read({ signal, waitSeconds = 10 } = {}) {
        const wait = bounded(waitSeconds), told = await call(`/read?wait=${wait}`, signal, wait + 30);
        if (typeof told.card !== "object" || told.card === null || !TYPES.has(told.card.cardType)) throw new ReaderError("bad-answer");
        return card("bridge", { ...told.card, notices: notices(told.messages) }, tables);
      },
      async status({ signal } = {}) { await call("/status", signal, 20); },
    };
  },
};
