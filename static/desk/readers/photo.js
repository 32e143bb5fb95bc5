// The picture of a card out of base64: only BMP, JPEG, PNG, of bounded bytes and bounded pixels.
export const MOST_BYTES = 1_000_000;
const LEAST_SIDE = 16, MOST_SIDE = 2000;

function png(view) {
  const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
  if (view.byteLength < 33 || signature.some((byte, at) => view.getUint8(at) !== byte) || view.getUint32(12) !== 0x49484452) return null;
  return ["image/png", view.getUint32(16), view.getUint32(20)];
}

function bmp(view) {
  if (view.byteLength < 54 || view.getUint16(0) !== 0x424d) return null;
  return ["image/bmp", view.getInt32(18, true), Math.abs(view.getInt32(22, true))];
}

function jpeg(view) {
  if (view.byteLength < 20 || view.getUint16(0) !== 0xffd8) return null;
  for (let at = 2; at + 9 < view.byteLength && view.getUint8(at) === 0xff;) {
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) { at += 1; continue; }
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) return ["image/jpeg", view.getUint16(at + 7), view.getUint16(at + 5)];
    at += 2 + view.getUint16(at + 2);
  }
  return null;
}

/** A Blob, or null when there is no usable picture in it. */
export function picture(text) {
  if (typeof text !== "string") return null;
  const plain = text.replace(/^data:image\/[\w.+-]{1,20};base64,/, "");
  if (!plain || plain.length > MOST_BYTES * 1.4) return null;
  let binary;
  try { binary = atob(plain.replace(/\s+/g, "")); } catch { return null; }
  if (binary.length > MOST_BYTES) return null;
  const bytes = Uint8Array.from(binary, (sign) => sign.charCodeAt(0)), view = new DataView(bytes.buffer);
  const found = png(view) ?? bmp(view) ?? jpeg(view);
  if (!found || found.slice(1).some((side) => !(side >= LEAST_SIDE && side <= MOST_SIDE))) return null;
  return new Blob([bytes], { type: found[0] });
}
