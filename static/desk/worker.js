// The service worker of the desk: the page and its files are there without a network. It touches nothing that is posted
// and keeps nothing of a resident. SHELL (version, page, files) is put in front by the server.
const CACHE = `anju-desk-${SHELL.version}`, PATIENCE_MS = 4000;

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll(SHELL.files);
    await keepPage(cache, await fetch(SHELL.page));
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith("anju-desk-") && name !== CACHE) await caches.delete(name);
    await self.clients.claim();
  })());
});

async function keepPage(cache, answer) {
  if (answer.ok && !answer.redirected) await cache.put(SHELL.page, answer.clone());
}

// The page: from the network while it answers in time, else as it was kept.
async function page(request) {
  const cache = await caches.open(CACHE);
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.status < 500) { await keepPage(cache, answer); return answer; }
  } catch { /* no network: below */ }
  return (await cache.match(SHELL.page)) ?? Response.error();
}

async function file(request) {
  const kept = await caches.match(request, { ignoreSearch: true });
  return kept ?? fetch(request);
}

self.addEventListener("fetch", (event) => {
  const { request } = event, address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin) return;
  if (request.mode === "navigate" && address.pathname === SHELL.page) event.respondWith(page(request));
  else if (SHELL.files.includes(address.pathname)) event.respondWith(file(request));
});
