// One request to a service on this machine: bounded in time and size, never followed elsewhere, no cookies.
import { ReaderError } from "./errors.js";

export const MOST_ANSWER = 3_000_000;
const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);
const PROBE_MS = 2000;

/** The address without its end slash; ReaderError("address") unless it is this machine, by one of the protocols. */
export function local(address, protocols) {
  let url;
  try { url = new URL(address); } catch { throw new ReaderError("address"); }
  if (!protocols.includes(url.protocol) || !LOOPBACK.has(url.hostname) || url.username || url.password || url.search || url.hash) throw new ReaderError("address");
  return url.href.replace(/\/+$/, "");
}

/** What the browser says about pages reaching this machine: granted, denied, prompt, unknown. */
async function permission() {
  for (const name of ["loopback-network", "local-network-access"]) {
    try { return (await navigator.permissions.query({ name })).state; } catch { /* not known to this browser */ }
  }
  return "unknown";
}

/** The code for a request that never got an answer. The browser tells scripts nothing: so it is found out. */
export async function unreached(url) {
  if (!window.isSecureContext) return "insecure";
  const state = await permission();
  if (state === "denied" || (state === "prompt" && !LOOPBACK.has(location.hostname))) return "permission";
  if (!url.startsWith("http")) return "offline";
  try {
    await fetch(new URL("/", url), { mode: "no-cors", cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer", signal: AbortSignal.timeout(PROBE_MS) });
    return "forbidden"; // somebody answers there, but not to this page
  } catch { return "offline"; }
}

/** A bounded wait in seconds, whatever was given. */
export const bounded = (seconds, most = 15) => Math.min(Math.max(Number(seconds) || 0, 0), most);

/** Wait, or end at once when the signal does. */
export function pause(milliseconds, signal) {
  return new Promise((done, fail) => {
    const stop = () => { clearTimeout(timer); fail(new ReaderError("cancelled")); };
    const timer = setTimeout(() => { signal?.removeEventListener("abort", stop); done(); }, milliseconds);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}

async function body(answer, most) {
  const source = answer.body?.getReader();
  if (!source) return new Uint8Array();
  const parts = [];
  let size = 0;
  for (;;) {
    const { done, value } = await source.read();
    if (done) break;
    size += value.length;
    if (size > most) { source.cancel().catch(() => {}); throw new ReaderError("bad-answer"); }
    parts.push(value);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** Some old services answer in GBK. */
function decoded(bytes) {
  try { return new TextDecoder("utf-8", { fatal: true }).decode(bytes); } catch { return new TextDecoder("gb18030").decode(bytes); }
}

/** {status, text} of a GET. ReaderError: offline, permission, forbidden, not-answering, cancelled, bad-answer. */
export async function ask(url, { signal, seconds = 20, headers = {}, most = MOST_ANSWER } = {}) {
  const late = AbortSignal.timeout(seconds * 1000);
  const either = signal ? AbortSignal.any([signal, late]) : late;
  try {
    const answer = await fetch(url, { headers, signal: either, cache: "no-store", credentials: "omit", redirect: "error", referrerPolicy: "no-referrer" });
    return { status: answer.status, text: decoded(await body(answer, most)) };
  } catch (error) {
    if (error instanceof ReaderError) throw error;
    if (signal?.aborted) throw new ReaderError("cancelled");
    if (late.aborted) throw new ReaderError("not-answering");
    throw new ReaderError(await unreached(url));
  }
}

/** An object out of JSON, or bad-answer. */
export function object(text) {
  let found;
  try { found = JSON.parse(text); } catch { throw new ReaderError("bad-answer"); }
  if (typeof found !== "object" || found === null || Array.isArray(found)) throw new ReaderError("bad-answer");
  return found;
}
