// Why there is no card: a code the page has words for (reader.error.<code>).
export const CODES = new Set([
  "unchosen", "offline", "insecure", "permission", "forbidden", "address", "token", "throttled", "busy", "cancelled",
  "no-card", "not-connected", "not-answering", "unreadable", "card-refused", "card-kind", "reader-fault", "bad-answer", "stopping",
]);

export class ReaderError extends Error {
  constructor(code) {
    super(code);
    this.name = "ReaderError";
    this.code = CODES.has(code) ? code : "bad-answer";
  }
}
