// What any reader says, as one card: everything bounded, checked, in the portal's own codes.
import { ReaderError } from "./errors.js";
import { picture } from "./photo.js";

const MOST = { name: 60, englishName: 120, address: 120, authority: 60, passNo: 20, issueCount: 4, nationality: 40, number: 20 };
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], CHECKS = "10X98765432";
const NUMBERS = {
  resident: /^\d{17}[\dX]$/, hmt: /^8[123]0000\d{11}[\dX]$/, foreigner2017: /^[A-Z]{3}\d{12}$/, foreigner2023: /^9\d{16}[\dX]$/,
};

function text(value, most) {
  if (value === undefined || value === null) return "";
  if (typeof value !== "string" && typeof value !== "number") throw new ReaderError("bad-answer");
  const plain = String(value).replace(UNSEEN, "").trim();
  if (plain.length > most) throw new ReaderError("bad-answer");
  return plain;
}

/** yyyyMMdd of a day written in any usual way, or "" when there is no such day. */
function day(value) {
  const digits = text(value, 30).replace(/[-./年月日\s]/g, "");
  if (!/^\d{8}$/.test(digits)) return "";
  const [year, month, date] = [digits.slice(0, 4), digits.slice(4, 6), digits.slice(6)].map(Number);
  const found = new Date(Date.UTC(year, month - 1, date));
  return year >= 1880 && year < 2200 && found.getUTCMonth() === month - 1 && found.getUTCDate() === date ? digits : "";
}

function validity(from, to) {
  const begin = day(from), end = /长期|長期/.test(text(to, 30)) ? "长期" : day(to);
  return begin && end ? `${begin}-${end}` : "";
}

function sex(value) {
  const given = text(value, 10);
  return { 1: "1", 2: "2", 男: "1", 女: "2", 男性: "1", 女性: "2", M: "1", F: "2" }[given] ?? "";
}

/** The code of a nation given as code or name, with or without 族. */
export function ethnicity(value, tables) {
  const given = text(value, 40), plain = (name) => name.replace(/族$/, "");
  if (!given) return "";
  const row = tables.ethnicities.find(([code, name]) => code === given || plain(name) === plain(given));
  return row ? row[0] : tables.aliases[plain(given)] ?? "";
}

/** Letters or digits of a country: CAN of "加拿大/CAN", 586 of 586. */
function country(value) {
  const given = text(value, MOST.nationality).toUpperCase();
  return /(?:^|\/)([A-Z]{3}|\d{3})$/.exec(given)?.[1] ?? "";
}

function kind(given, number) {
  if (given) return given;
  return ["hmt", "foreigner2023", "foreigner2017"].find((name) => NUMBERS[name].test(number)) ?? "resident";
}

const checks = (number) => CHECKS[WEIGHTS.reduce((sum, weight, at) => sum + weight * Number(number[at]), 0) % 11] === number[17];

function remarks(card, raw) {
  const told = [...(raw.notices ?? [])];
  if (!card.photo && !told.some((code) => code.startsWith("photo"))) told.push(raw.photo ? "photo-not-decoded" : "photo-missing");
  if (card.number.length === 18) {
    if (!checks(card.number)) told.push("number-check");
    if (card.birth && card.number.slice(6, 14) !== card.birth.replaceAll("-", "")) told.push("birth-differs");
  }
  return told;
}

/**
 * The card of an answer.
 * raw: {cardType ("" when the reader does not say), name, sex, nation, birth, address, newestAddress, number, authority,
 * validFrom, validTo, passNo, issueCount, englishName, nationality, photo (base64), notices}
 */
export function card(reader, raw, tables) {
  const number = text(raw.number, MOST.number).toUpperCase(), type = kind(raw.cardType, number);
  if (!NUMBERS[type]?.test(number)) throw new ReaderError("bad-answer");
  const name = text(raw.name, MOST.name), englishName = text(raw.englishName, MOST.englishName);
  if (!name && !englishName) throw new ReaderError("bad-answer");
  const birth = day(raw.birth), foreign = type.startsWith("foreigner");
  const found = {
    reader, type, documentType: tables.documents[type], name, englishName, number,
    sex: sex(raw.sex),
    ethnicity: type === "resident" ? ethnicity(raw.nation, tables) : "",
    nationality: foreign ? country(raw.nationality) : "",
    birth: birth && `${birth.slice(0, 4)}-${birth.slice(4, 6)}-${birth.slice(6)}`,
    address: text(raw.newestAddress, MOST.address) || text(raw.address, MOST.address),
    authority: text(raw.authority, MOST.authority),
    validity: validity(raw.validFrom, raw.validTo),
    passNo: type === "hmt" ? text(raw.passNo, MOST.passNo) : "",
    issueCount: type === "hmt" ? text(raw.issueCount, MOST.issueCount) : "",
    photo: picture(raw.photo),
  };
  return { ...found, notices: remarks(found, raw) };
}
