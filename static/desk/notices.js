// The notices of the chosen community, as they have to be shown: from what is kept for working off line.
import { say } from "./words.js";

export function mount(desk) {
  function show() {
    const place = desk.place ?? desk.pack?.places?.[0];
    for (const fold of document.querySelectorAll("[data-notice]")) {
      const notice = place?.notices[fold.dataset.notice];
      fold.hidden = !notice;
      if (!notice) continue;
      fold.querySelector("summary").textContent = say(`notice.${fold.dataset.notice}`, notice);
      fold.querySelector(".notice-body").replaceChildren(...notice.text.split(/\n+/).filter(Boolean).map((text) => {
        const paragraph = document.createElement("p");
        paragraph.textContent = text;
        return paragraph;
      }));
    }
    const box = document.getElementById("ethnicity-box");
    box.hidden = !place?.optional.includes("ethnicity");
  }
  desk.on("draft", show);
  desk.on("pack", show);
  desk.on("change", (patch) => { if ("house" in patch) show(); });
}
