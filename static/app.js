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
