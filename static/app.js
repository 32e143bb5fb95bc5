// Confirm nothing, decorate nothing: mark where we are in the menu, and let a key press what carries its letter.
for (const link of document.querySelectorAll("header nav a")) {
  const path = new URL(link.href).pathname;
  if (path === location.pathname || (path !== "/" && location.pathname.startsWith(path))) link.setAttribute("aria-current", "page");
}
// Of a row of tabs that is wider than the screen, show the one we are on.
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input,select,textarea,[contenteditable]")) return;
  const wanted = /^[a-z]$/i.test(event.key) && document.querySelector(`[data-key="${event.key.toLowerCase()}"]`);
  if (wanted) wanted.click();
});

// Who signs out takes the kept page of the desk along: without a network, drafts open again only after signing in.
const out = document.querySelector("form.who");
out?.addEventListener("submit", async (event) => {
  if (out.dataset.cleared || !("caches" in window)) return;
  event.preventDefault();
  try {
    for (const name of await caches.keys()) if (name.startsWith("anju-desk-")) await (await caches.open(name)).delete("/collect/");
  } finally { out.dataset.cleared = "yes"; out.requestSubmit(); }
});
