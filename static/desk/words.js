// The page's words, from the JSON block the server renders: say("camera.denied"), say("parts.left", {n: 3}).
const words = JSON.parse(document.getElementById("desk-words")?.textContent || "{}");

export function say(key, values = {}) {
  const text = words[key];
  if (text === undefined) { console.error(`no words for ${key}`); return key; }
  return text.replace(/\{(\w+)\}/g, (hole, name) => (name in values ? String(values[name]) : hole));
}
