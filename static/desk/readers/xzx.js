// 新中新 XZX_WEBAPI: a GET waits for the card. It takes one call at a time and answers "busy" to a second, also while it still
// waits for a page that left: so it is asked to wait a little, again and again, and its "busy" is borne that long.
import { ask, bounded, local, object, pause } from "./call.js";
import { card } from "./card.js";
import { ReaderError } from "./errors.js";

const TYPES = { 0: "resident", 1: "foreigner2017", 2: "hmt", 3: "foreigner2023" };
const STATES = {
  0x80: "no-card", 0x81: "unreadable", 0x41: "unreadable", 0x33: "unreadable", 0x10: "unreadable", 0x11: "unreadable",
  0x31: "card-refused", 0x32: "card-refused", 0x40: "card-kind", 0x47: "reader-fault", 0x60: "reader-fault", 0x66: "reader-fault",
  0x01: "not-connected", 0x02: "not-answering",
};
const WORDS = [
  [/忙|读卡中|正在读/, "busy"], [/未连接|没有连接|未找到读卡器|未检测到读卡器|打开(端口|设备|读卡器)/, "not-connected"],
  [/超时|没有找到卡|未找到卡|找卡|寻卡|放卡|无卡/, "no-card"],
];
const SLICE_SECONDS = 3, BUSY_MS = 4500, AGAIN_MS = 300;
const string = (value) => (typeof value === "string" || typeof value === "number" ? String(value) : "");

/** "0x90 0x1": how the reading went, how the decoding of the photo went. */
function states(retcode) {
  return string(retcode).slice(0, 40).trim().split(/\s+/).map((part) => (/^0x[\da-f]{1,4}$/i.test(part) ? parseInt(part, 16) : NaN));
}

function refusal(told) {
  const said = `${string(told.retmsg)} ${string(told.errmsg)}`.slice(0, 400);
  return WORDS.find(([pattern]) => pattern.test(said))?.[1] ?? STATES[states(told.retcode)[0]] ?? "unreadable";
}

function raw(told) {
  const type = TYPES[string(told.CardType)], foreign = type?.startsWith("foreigner");
  if (told.CardType !== undefined && !type) throw new ReaderError("card-kind");
  return {
    cardType: type, name: told.name, sex: told.sex, nation: told.nation, nationality: foreign ? told.nation : "", birth: told.born,
    address: told.address, number: told.cardno, authority: told.police, validFrom: told.userlifeb, validTo: told.userlifee,
    passNo: told.PassID, issueCount: told.IssuesTimes, englishName: told.EngName, photo: told.photobase64,
    notices: states(told.retcode)[1] === 1 ? [] : ["photo-not-decoded"],
  };
}

export const xzx = {
  kind: "xzx", address: "http://localhost:8989", protocols: ["http:", "https:"], token: false,
  open({ address, tables }) {
    const base = local(address, this.protocols);
    return {
      async read({ signal, waitSeconds = 10 } = {}) {
        const began = Date.now(), end = began + Math.max(1, bounded(waitSeconds)) * 1000;
        for (;;) {
          const wait = Math.max(1, Math.min(SLICE_SECONDS, Math.round((end - Date.now()) / 1000)));
          const told = object((await ask(`${base}/api/ReadMsg?waitTime=${wait}`, { signal, seconds: wait + 10 })).text);
          if (!("code" in told) && !("retcode" in told)) throw new ReaderError("bad-answer");
          if (string(told.code) === "0" && states(told.retcode)[0] === 0x90) return card("xzx", raw(told), tables);
          const code = refusal(told), now = Date.now();
          if (!(code === "no-card" && now < end) && !(code === "busy" && now - began < BUSY_MS)) throw new ReaderError(code);
          await pause(AGAIN_MS, signal);
        }
      },
      async status({ signal } = {}) {
        const told = object((await ask(`${base}/api/Version`, { signal, seconds: 8, most: 10_000 })).text);
        if (string(told.retcode) !== "0") throw new ReaderError("retcode" in told ? refusal(told) : "bad-answer");
      },
    };
  },
};
