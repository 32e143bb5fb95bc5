// The grid of a building, wherever it stands, also in a fragment that comes later: the legend shows and hides houses,
// the arrow keys walk from house to house.
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

document.addEventListener("click", (event) => {
  const toggle = event.target.closest(".housegrid .legend [data-state]");
  if (!toggle) return;
  const shown = toggle.getAttribute("aria-pressed") !== "true";
  toggle.setAttribute("aria-pressed", String(shown));
  for (const house of toggle.closest(".housegrid").querySelectorAll(`.house[data-state="${toggle.dataset.state}"]`)) {
    house.classList.toggle("dimmed", !shown);
  }
});

document.addEventListener("keydown", (event) => {
  const house = event.target.closest(".housegrid .house"), step = STEPS[event.key];
  if (!house || !step || event.altKey || event.ctrlKey || event.metaKey) return;
  const rows = [...house.closest("tbody").rows].map((row) => [...row.querySelectorAll(".house")]);
  const y = rows.findIndex((row) => row.includes(house)), x = rows[y].indexOf(house);
  const row = rows[y + step[0]];
  const next = row && row[step[1] ? x + step[1] : Math.min(x, row.length - 1)];
  if (next) next.focus();
  event.preventDefault();
});
