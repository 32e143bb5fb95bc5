// Sealed posts: an SM4 key of its own for each, under the portal's SM2 key; every part bound to its address and its name.
import { sm2, sm4 } from "../vendor/sm-crypto-v2-1.15.1/sm-crypto.js";

const TIMEOUT_MS = 30000;
const encoder = new TextEncoder();
let portal = null;  // {id, hex}: whom to seal for

export function sealFor(key) { portal = key; }

export class WireError extends Error {
  constructor(name, message = name) { super(message); this.name = name; }
}

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

function context(address, name) {
  return encoder.encode(`anju envelope\0${address}\0${name}`);
}

function seal(key, address, name, data) {
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const done = sm4.encrypt(data, key, {
    mode: "gcm", iv: nonce, associatedData: context(address, name), output: "array", outputTag: true,
  });
  return new Blob([nonce, done.output, done.tag]);
}

export async function envelope(address, fields, pictures = {}) {
  const key = crypto.getRandomValues(new Uint8Array(16)), form = new FormData();
  form.set("key", `${portal.id}.${sm2.doEncrypt(key, portal.hex, 1)}`);
  form.set("fields", seal(key, address, "fields", encoder.encode(JSON.stringify(fields))), "fields");
  for (const [name, picture] of Object.entries(pictures)) {
    if (!picture) continue;
    const part = `picture.${name}`;
    form.set(part, seal(key, address, part, new Uint8Array(await picture.arrayBuffer())), name);
  }
  return form;
}

const cookie = (name) => document.cookie.split("; ").find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";

// {status, body}. Rejects with a WireError: Offline (no answer: nobody knows whether it arrived) or SignedOut.
export async function ask(address, options = {}) {
  let answer;
  try {
    const headers = { Accept: "application/json", ...(options.body ? { "X-CSRFToken": cookie("csrftoken") } : {}), ...options.headers };
    answer = await fetch(address, { ...options, headers, signal: options.signal ?? AbortSignal.timeout(TIMEOUT_MS) });
  } catch { throw new WireError("Offline"); }
  const signedOut = answer.redirected && new URL(answer.url).pathname.startsWith("/accounts/");
  if (signedOut || answer.status === 401) throw new WireError("SignedOut");
  if (answer.status >= 502 && answer.status <= 504) throw new WireError("Offline");
  const json = (answer.headers.get("Content-Type") || "").includes("json");
  if (answer.status === 403 && !json) throw new WireError("SignedOut");  // the cookie of the form's token has changed
  try { return { status: answer.status, body: json ? await answer.json() : {} }; } catch { throw new WireError("Offline"); }
}

export async function post(address, fields, pictures = {}, options = {}) {
  const body = await envelope(new URL(address, location.href).pathname, fields, pictures);
  return ask(address, { ...options, method: "POST", body });
}

// A fragment of a page.
export async function askPage(address) {
  let answer;
  try { answer = await fetch(address, { signal: AbortSignal.timeout(TIMEOUT_MS) }); } catch { throw new WireError("Offline"); }
  if (answer.redirected && new URL(answer.url).pathname.startsWith("/accounts/")) throw new WireError("SignedOut");
  if (answer.status !== 200) throw new WireError("Offline");
  return answer.text();
}
