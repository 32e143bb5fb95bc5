// Confirm nothing, decorate nothing: mark where we are in the menu.
for (const link of document.querySelectorAll("header nav a")) {
  const path = new URL(link.href).pathname;
  if (path === location.pathname || (path !== "/" && location.pathname.startsWith(path))) link.setAttribute("aria-current", "page");
}
// Who signs out takes the kept page of the desk along: without a network, drafts open again only after signing in.
const out = document.querySelector("form.who");
out?.addEventListener("submit", async (event) => {
  if (out.dataset.cleared || !("caches" in window)) return;
  event.preventDefault();
  try {
    for (const name of await caches.keys()) if (name.startsWith("anju-desk-")) await (await caches.open(name)).delete("/collect/");
  } finally { out.dataset.cleared = "yes"; out.requestSubmit(); }
});
