// Old builds of a reader's service write `"key" : value` lines that are not quite JSON: raw line ends, no commas, loose quotes.
const MOST_KEYS = 64, MOST_KEY = 40, KEY = /^\w+$/, BLANK = new Set([" ", "\t", "\r", "\n"]);

function value(text, from) {
  let at = from;
  while (BLANK.has(text[at])) at += 1;
  if (text[at] === '"') {
    let end = text.indexOf('"', at + 1);
    while (end > 0 && text[end - 1] === "\\") end = text.indexOf('"', end + 1);
    if (end < 0) end = text.length;
    return [text.slice(at + 1, end).replace(/\\([\\/"])/g, "$1").replace(/\\[nrt]/g, ""), end + 1];
  }
  let end = at;
  while (end < text.length && !",}\r\n".includes(text[end])) end += 1;
  return [text.slice(at, end).trim(), end];
}

/** The pairs of a text, as strings; {} when there are none. One pass, a bounded number of keys. */
export function pairs(text) {
  const found = {};
  let at = 0;
  for (let count = 0; count < MOST_KEYS; count += 1) {
    const open = text.indexOf('"', at), close = open < 0 ? -1 : text.indexOf('"', open + 1);
    if (close < 0) break;
    const key = close - open - 1 <= MOST_KEY ? text.slice(open + 1, close) : "";
    let colon = close + 1;
    while (BLANK.has(text[colon])) colon += 1;
    if (!KEY.test(key) || text[colon] !== ":") { at = close; continue; }
    const [read, end] = value(text, colon + 1);
    if (!Object.hasOwn(found, key) && key !== "__proto__") found[key] = read;
    at = end;
  }
  return found;
}
