// The front page's count of drafts in this browser that have not arrived yet.
import { openStore } from "./store.js";

const tile = document.querySelector("[data-drafts]"), number = tile?.querySelector("strong");
if (tile && window.indexedDB) {
  try {
    const known = (await indexedDB.databases?.())?.some((database) => database.name === "anju-desk");
    const drafts = known ? await (await openStore(Number(tile.dataset.drafts))).list() : [];
    const waiting = drafts.filter((draft) => !["delivered", "arrived"].includes(draft.state)).length;
    number.textContent = String(waiting);
    tile.classList.toggle("warn", waiting > 0);
  } catch { /* the browser keeps nothing: the dash stays */ }
}
