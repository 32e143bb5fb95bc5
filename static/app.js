// Confirm nothing, decorate nothing: mark where we are in the menu.
for (const link of document.querySelectorAll("header nav a")) {
  const path = new URL(link.href).pathname;
  if (path === location.pathname || (path !== "/" && location.pathname.startsWith(path))) link.setAttribute("aria-current", "page");
}
