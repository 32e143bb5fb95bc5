// 华视 CVR-100: open the device, ask twice a second until a card is there, close the device.
import { ask, bounded, local, pause } from "./call.js";
import { card } from "./card.js";
import { ReaderError } from "./errors.js";
import { pairs } from "./lenient.js";

const POLL_MS = 500;

/** The answer's pairs, from JSON or what looks like it. */
function read(text) {
  let told = null;
  try { told = JSON.parse(text); } catch { told = pairs(text); }
  if (typeof told !== "object" || told === null || !("resultFlag" in told)) throw new ReaderError("bad-answer");
  return told;
}
const done = (told) => Number(told.resultFlag) === 0;

function raw(told) {
  return {
    cardType: { J: "hmt", I: "foreigner2017", Y: "foreigner2023" }[told.certType] ?? "",
    name: told.partyName, sex: told.gender, nation: told.nationCode || told.nation, nationality: told.nation, birth: told.bornDay,
    address: told.certAddress, number: told.certNumber, authority: told.certOrg, validFrom: told.effDate, validTo: told.expDate,
    photo: told.identityPic,
  };
}

export const cvr100 = {
  kind: "cvr100", address: "http://127.0.0.1:19196", protocols: ["http:"], token: false,
  open({ address, tables }) {
    const base = local(address, this.protocols);
    const call = async (path, signal) => read((await ask(base + path, { signal, seconds: 8 })).text);
    const opened = async (signal) => { if (!done(await call("/OpenDevice", signal))) throw new ReaderError("not-connected"); };
    const close = () => call("/CloseDevice").catch(() => {}); // what matters was read, or failed, before
    return {
      async read({ signal, waitSeconds = 10 } = {}) {
        const end = Date.now() + bounded(waitSeconds) * 1000;
        await opened(signal);
        try {
          for (;;) {
            const told = await call(`/readcard&t=${Date.now()}`, signal);
            if (done(told)) return card("cvr100", raw(told), tables);
            if (Date.now() >= end) throw new ReaderError("no-card");
            await pause(POLL_MS, signal);
          }
        } finally { await close(); }
      },
      async status({ signal } = {}) {
        try { await opened(signal); } finally { await close(); }
      },
    };
  },
};
