// The browser words its file inputs in its own language: put a button and the file's name in the page's language in front.
const chinese = document.documentElement.lang.startsWith("zh");
const words = chinese ? { choose: "选择文件", none: "未选择文件" } : { choose: "Choose file", none: "No file chosen" };

function dress(input) {
  if (input.dataset.dressed) return;
  input.dataset.dressed = "yes";
  const button = Object.assign(document.createElement("button"), { type: "button", className: "file-button", textContent: words.choose });
  const name = Object.assign(document.createElement("span"), { className: "file-name", textContent: words.none });
  const field = Object.assign(document.createElement("span"), { className: "file-field" });
  const tell = () => { name.textContent = input.files.length ? [...input.files].map((file) => file.name).join("、") : words.none; };
  button.setAttribute("aria-label", `${input.labels?.[0]?.textContent?.trim() ?? input.getAttribute("aria-label") ?? ""} ${words.choose}`.trim());
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", tell);
  input.form?.addEventListener("reset", () => setTimeout(tell));
  input.classList.add("file-native");
  input.tabIndex = -1;
  input.before(field);
  field.append(button, name, input);
}

const dressAll = (root) => root.querySelectorAll("input[type=file]").forEach(dress);
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => dressAll(document));
else dressAll(document);
document.addEventListener("formset:added", (event) => dressAll(event.target));
