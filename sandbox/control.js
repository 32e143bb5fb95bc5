// The forms of the control page speak to /sandbox/control; its answer is the page as it then is.
const said = document.querySelector("#said");
async function set(asked) {
  const answer = await fetch("/sandbox/control", { method: "POST", body: JSON.stringify(asked) });
  if (answer.ok) return location.reload();
  said.textContent = (await answer.json()).msg;
}
const of = (form) => Object.fromEntries(new FormData(form));
const deeds = {
  faults: (form) => ({ faults: { rate: Number(of(form).share) / 100, kinds: new FormData(form).getAll("kind") } }),
  limit: (form) => {
    const { clause, concurrency, daily_quota, hours, valid_until, denied } = of(form);
    const limit = { concurrency: Number(concurrency), daily_quota: Number(daily_quota), hours, valid_until, denied: denied === "on" };
    return { limits: { [clause]: limit } };
  },
  allow: (form) => ({ allow: of(form).allow.split(/[\s,]+/).filter(Boolean) }),
};
for (const form of document.forms) {
  form.addEventListener("submit", (event) => { event.preventDefault(); set(deeds[form.id](form)); });
}
for (const button of document.querySelectorAll("button[data-set]")) {
  button.addEventListener("click", () => set(JSON.parse(button.dataset.set)));
}
