// The collection page: house search, number check, lease fields, camera. Without it the form still posts.
const form = document.getElementById("collect");
const by = (id) => document.getElementById(id);
const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
const later = (ms, act) => { let timer; return () => { clearTimeout(timer); timer = setTimeout(act, ms); }; };

// 1 House
const search = by("house-search"), list = by("house-list"), problem = by("house-problem");
search.placeholder = search.dataset.example;
let rows = [], at = -1;
const choose = (row) => { location.href = `${location.pathname}?house=${row.id}`; };
const mark = (index) => { at = index; [...list.children].forEach((item, i) => item.setAttribute("aria-selected", i === at)); };
async function findHouses() {
  const wanted = search.value.trim();
  if (!wanted) { list.hidden = true; return; }
  const answer = await fetch(`${form.dataset.houses}?q=${encodeURIComponent(wanted)}`, { headers: { Accept: "application/json" } });
  if (!answer.ok || wanted !== search.value.trim()) return;
  const found = await answer.json();
  rows = found.houses;
  list.replaceChildren(...rows.map((row) => {
    const item = document.createElement("li");
    item.role = "option";
    item.textContent = `${row.label}  ${row.place}`;
    item.addEventListener("mousedown", () => choose(row));
    return item;
  }));
  list.hidden = rows.length === 0;
  search.setAttribute("aria-expanded", String(rows.length > 0));
  problem.textContent = found.message;
  problem.hidden = !found.message;
  mark(rows.length ? 0 : -1);
}
search.addEventListener("input", later(150, findHouses));
search.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown") mark(Math.min(at + 1, rows.length - 1));
  else if (event.key === "ArrowUp") mark(Math.max(at - 1, 0));
  else if (event.key === "Enter") { event.preventDefault(); if (rows[at]) choose(rows[at]); else findHouses(); return; }
  else return;
  event.preventDefault();
});

// 2 Number
const number = by("id_document_number"), says = by("number-says"), duplicates = by("duplicates");
const guardian = by("guardian-box");
guardian.hidden = !by("id_guardian").value && !guardian.classList.contains("wrong");
async function checkNumber() {
  if (number.value.trim().length < 5) { says.textContent = ""; duplicates.hidden = true; return; }
  const body = new FormData();
  for (const name of ["house", "document_type", "document_number", "name", "phone"]) body.set(name, form.elements[name].value);
  const asked = number.value;
  const answer = await fetch(form.dataset.check, { method: "POST", body, headers: { "X-CSRFToken": token } });
  if (!answer.ok || asked !== number.value) return;
  const told = await answer.json();
  says.textContent = told.message;
  says.className = told.ok ? "hint good" : "hint bad";
  guardian.hidden = !told.guarded && !by("id_guardian").value;
  showDuplicates(told.duplicates || []);
}
function showDuplicates(people) {
  duplicates.hidden = people.length === 0;
  const title = document.createElement("p");
  title.textContent = duplicates.dataset.title;
  const items = people.map((person) => {
    const line = document.createElement("p"), button = document.createElement("button");
    line.textContent = `${person.name} ${person.number} ${person.houses} `;
    button.type = "button"; button.className = "button"; button.textContent = duplicates.dataset.same;
    button.addEventListener("click", () => { by("id_existing").value = person.id; title.textContent = duplicates.dataset.chosen; by("id_occupant_type").focus(); });
    line.append(button);
    return line;
  });
  duplicates.className = "notice warn";
  duplicates.replaceChildren(title, ...items);
}
const recheck = later(200, checkNumber);
[number, by("id_document_type"), by("id_name"), by("id_phone")].forEach((field) => field.addEventListener("input", recheck));

// 3 Lease
const lease = by("lease"), kind = by("id_occupant_type"), family = by("id_tenant_family");
const showLease = () => {
  lease.hidden = !(kind.value === "1" || family.checked);
  by("family-box").hidden = kind.value !== "3";
};
[kind, family].forEach((field) => field.addEventListener("change", showLease));
showLease();

// 4 Picture
const video = by("camera"), preview = by("preview"), file = by("id_photo"), hint = by("camera-says");
const LONGEST = 1600;
function show(blob) {
  preview.src = URL.createObjectURL(blob);
  preview.hidden = false; video.hidden = true; hint.hidden = true;
}
async function keep(source, width, height) {
  const scale = Math.min(1, LONGEST / Math.max(width, height)), canvas = document.createElement("canvas");
  canvas.width = Math.round(width * scale); canvas.height = Math.round(height * scale);
  canvas.getContext("2d").drawImage(source, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.9));
  const box = new DataTransfer();
  box.items.add(new File([blob], "photo.jpg", { type: "image/jpeg" }));
  file.files = box.files;
  show(blob);
}
async function openCamera() {
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { width: 1280, height: 960 } });
    video.hidden = false; preview.hidden = true; hint.hidden = true;
    by("shoot").hidden = false; by("open-camera").hidden = true;
  } catch { hint.hidden = false; hint.textContent = hint.dataset.denied; }
}
async function shoot() {
  if (!video.srcObject || !video.videoWidth) return;
  await keep(video, video.videoWidth, video.videoHeight);
  by("retake").hidden = false; by("shoot").hidden = true;
}
by("open-camera").addEventListener("click", openCamera);
by("shoot").addEventListener("click", shoot);
by("retake").addEventListener("click", () => { preview.hidden = true; video.hidden = false; by("shoot").hidden = false; by("retake").hidden = true; file.value = ""; });
file.addEventListener("change", async () => {
  const chosen = file.files[0];
  if (!chosen || chosen.size < 1_500_000) { if (chosen) show(chosen); return; }
  try { const picture = await createImageBitmap(chosen); await keep(picture, picture.width, picture.height); } catch { show(chosen); }
});

// Keys: Enter goes on, F4 shoots, Ctrl+Enter submits
document.addEventListener("keydown", (event) => {
  if (event.key === "F4") { event.preventDefault(); if (video.srcObject) shoot(); else openCamera(); }
  else if (event.key === "Enter" && event.ctrlKey) { event.preventDefault(); form.requestSubmit(); }
  else if (event.key === "Enter" && event.target !== search && ["INPUT", "SELECT"].includes(event.target.tagName)) {
    event.preventDefault();
    const fields = [...form.elements].filter((field) => field.offsetParent && field.type !== "hidden" && !field.disabled);
    fields[fields.indexOf(event.target) + 1]?.focus();
  }
});
form.addEventListener("submit", () => { by("save").disabled = true; setTimeout(() => { by("save").disabled = false; }, 4000); });
form.querySelector(".wrong input, .wrong select")?.focus();
