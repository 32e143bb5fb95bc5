// The eye beside a masked value: asks for a reason, shows the value for a minute, forgets it.
const EYE = '<svg viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" stroke-width="2" aria-hidden="true"><path d="M2 12s3.6-7 10-7 10 7 10 7-3.6 7-10 7S2 12 2 12z"/><circle cx="12" cy="12" r="3"/></svg>';

function cookie(name) {
  return document.cookie.split("; ").find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
}

function element(tag, facts = {}, ...children) {
  const made = Object.assign(document.createElement(tag), facts);
  made.append(...children);
  return made;
}

function show(place, value, seconds) {
  place.parentElement.querySelector(".revealed")?.remove();
  const shown = element("output", { className: "revealed", textContent: value });
  place.after(shown);
  const hide = () => shown.remove();
  setTimeout(hide, seconds * 1000);
  document.addEventListener("visibilitychange", () => document.hidden && hide(), { once: true });
  window.addEventListener("beforeprint", hide, { once: true });
}

async function ask(button) {
  const answer = await fetch("/accounts/reveal/reasons/", { headers: { Accept: "application/json" } });
  if (answer.redirected || !answer.ok) return void location.reload(); // the session is over: sign in again
  const { reasons, words } = await answer.json();
  const problem = element("p", { className: "reveal-problem" });
  problem.setAttribute("role", "alert");
  const reason = element("select", { name: "reason" }, ...reasons.map(([value, text]) => element("option", { value, textContent: text })));
  reason.setAttribute("aria-label", words.title);
  const note = element("input", { name: "note", maxLength: 200, autocomplete: "off" });
  const form = element("form", { method: "dialog" },
    element("h2", { textContent: words.title }), element("p", { textContent: words.warning }), reason,
    element("label", {}, element("span", { textContent: words.note }), note), problem,
    element("p", { className: "reveal-actions" },
      element("button", { type: "button", textContent: words.cancel, onclick: () => dialog.close() }),
      element("button", { type: "submit", className: "reveal-go", textContent: words.show })));
  const dialog = element("dialog", { className: "reveal-dialog" }, form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const [model, pk, field] = button.dataset.sealed.split(":");
    const body = new URLSearchParams({ model, pk, field, reason: reason.value, note: note.value });
    const said = await fetch("/accounts/reveal/", { method: "POST", body, headers: { "X-CSRFToken": cookie("csrftoken") } });
    const told = await said.json().catch(() => ({ error: words.failed }));
    if (!said.ok) return void (problem.textContent = told.error ?? words.failed);
    dialog.close();
    show(button, told.value, told.seconds);
  });
  dialog.addEventListener("close", () => { dialog.remove(); button.focus(); });
  document.body.append(dialog);
  dialog.showModal();
}

function offerEyes() {
  for (const sealed of document.querySelectorAll("[data-sealed]")) {
    const button = element("button", { type: "button", className: "reveal-eye", innerHTML: EYE });
    button.dataset.sealed = sealed.dataset.sealed;
    button.setAttribute("aria-label", sealed.dataset.sealedLabel);
    button.title = sealed.dataset.sealedLabel;
    button.addEventListener("click", () => ask(button));
    const field = element("span", { className: "sealed-field" });
    sealed.before(field);
    field.append(sealed, button);
  }
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", offerEyes);
else offerEyes();
