//: head
//? classes label_sets
// A student of skdistill: texts in, labels and probabilities out.
//
//     import { classes, features, predict, predictProba } from "./student.mjs";
//? numbers
// A student of skdistill: texts in, numbers out.
//
//     import { features, predict } from "./student.mjs";
//?
//
//: head if one
// A row is one text, a string.
//: head if several
// A row is an array of texts in the order of the columns, or an object. The keys of an
// object are the names of the columns. A text is a string.
//: head

//: parameter if one
 * @param {string} row - A text.
//: parameter if several
 * @param {string[] | Object} row - Texts.
//: errors
 * @throws {TypeError} If a text is no string.
//: errors if several
 * @throws {TypeError} If the row has another form.
//: errors
 * @throws {RangeError} If the logits are too large.
//: errors if hashing
 * @throws {RangeError} If a term to hash holds half of a surrogate pair.
//: first layer
// The first layer has one row for each term: a word or a run of words or characters.
//: rows
// From a text to rows of the first layer.

function readRow(row) {
  const values = new Map();
  for (const block of blocks) {
    const counts = new Map();
    const text = prepare(textOf(row, block.column), block);
    cut(text, block, (term) => count(term, block, counts));
    block.weightings.forEach((weighting) => weigh(counts, weighting));
    for (const [place, value] of counts) values.set(block.firstRow + place, value);
  }
//: rows if together
  weigh(values, together);
//: rows
  for (const [place, value] of values) useRow(layers[0], place, Math.fround(value));
}

//: rows if one
function textOf(row) {
  if (typeof row === "string") return row;
  throw new TypeError(`a row is one text, a string, and this is ${describe(row)}`);
}

//: rows if several
function textOf(row, column) {
  const isList = Array.isArray(row);
  if (!isList && (typeof row !== "object" || row === null)) {
    throw new TypeError("a row is an array of texts, or an object with names as keys");
  }
  if (isList && row.length !== features.length) {
    throw new TypeError(
      `the row has ${row.length} texts, and the student takes ${features.length}`,
    );
  }
  const { name } = features[column];
  if (!isList && !Object.hasOwn(row, name)) {
    throw new TypeError(`the row has no key ${JSON.stringify(name)}`);
  }
  const text = isList ? row[column] : row[name];
  if (typeof text === "string") return text;
  throw new TypeError(
    `feature ${JSON.stringify(name)} is ${describe(text)}, and the student takes text there`,
  );
}

//: rows
function describe(value) {
  return typeof value === "number" || value === null
    ? `${value}`
    : `a value of type ${typeof value}`;
}

// Python may have an older Unicode than this program. Characters that it does not know
// have no lower case, no accents and are not part of a word.
function prepare(text, { isLowered, accents, isOfLetters }) {
  if (isLowered || accents) text = text.replace(known, (part) => simplify(part, isLowered, accents));
//: rows if ascii accents
  if (accents === "ascii") text = text.replace(/[^\0-\x7f]/gu, "");
//: rows if unicode accents
  if (accents === "unicode") text = text.replace(combining, "");
//: rows
  return isOfLetters ? text.replace(unknown, " ") : text;
}

function simplify(text, isLowered, accents) {
//: rows if sigma
  if (isLowered && text.includes("\u03a3")) text = lowerSigmas(text);
//: rows
  if (isLowered) text = text.toLowerCase();
  return accents ? text.normalize("NFKD") : text;
}

//: rows if sigma
// At the end of a word, a sigma has another lower case. Versions of Unicode differ in the
// characters that are part of a word here.
function lowerSigmas(text) {
  const points = Array.from(text);
  const isCased = (place, step) => {
    do place += step;
    while (place in points && ignorable.test(points[place]));
    return place in points && cased.test(points[place]);
  };
  const lower = (place) => (isCased(place, -1) && !isCased(place, 1) ? "\u03c2" : "\u03c3");
  return points.map((point, place) => (point === "\u03a3" ? lower(place) : point)).join("");
}

//: rows
function cut(text, block, take) {
//: rows if words
  if (block.token) cutWords(text, block, take);
//: rows if characters
  if (!block.token) cutCharacters(text, block, take);
//: rows
}

//: rows if words
function cutWords(text, { least, most, token, stopWords }, take) {
  const words = (text.match(token) ?? []).filter((word) => !stopWords.has(word));
  for (let size = least; size <= most; size++) {
    for (let place = 0; place + size <= words.length; place++) {
      take(words.slice(place, place + size).join(" "));
    }
  }
}

//: rows if characters
// A character is a code point, which has one or two units of a string.
function cutCharacters(text, { least, most, isWithinWords }, take) {
  const parts = isWithinWords
    ? text.split(spaces).flatMap((word) => (word ? [` ${word} `] : []))
    : [text.replace(manySpaces, " ")];
  for (const part of parts) {
    const starts = [0];
    for (const character of part) starts.push(starts.at(-1) + character.length);
    const length = starts.length - 1;
    for (let size = least; size <= most; size++) {
      if (isWithinWords && size >= length) {
        take(part); // A short word counts once.
        break;
      }
      for (let place = 0; place + size <= length; place++) {
        take(part.slice(starts[place], starts[place + size]));
      }
    }
  }
}

//: rows
function count(term, { places, isBinary, nBuckets, isSigned }, counts) {
  let key = term;
  let sign = 1;
//: rows if hashing
  if (nBuckets) {
    const hash = hashOf(term);
    key = Math.abs(hash) % nBuckets;
    if (isSigned && hash < 0) sign = -1;
  }
//: rows
  const place = places ? places.get(key) : key;
  if (place === undefined) return;
  counts.set(place, isBinary ? 1 : (counts.get(place) ?? 0) + sign);
}

function weigh(values, { isSublinear, idf, norm, weight = 1 }) {
  let size = 0;
  for (const [place, count] of values) {
    let value = isSublinear ? Math.log(count) + 1 : count;
    if (idf) value *= idf[place];
    values.set(place, value);
    size += norm === "l1" ? Math.abs(value) : value * value;
  }
  if (norm === "l2") size = Math.sqrt(size);
  const divisor = norm && size ? size : 1;
  for (const [place, value] of values) values.set(place, (value / divisor) * weight);
}

//: rows if hashing
// MurmurHash3 of the UTF-8 of a term.
function hashOf(term) {
  if (/\p{Cs}/u.test(term)) {
    throw new RangeError("the text holds half of a surrogate pair, which cannot be hashed");
  }
  const bytes = new TextEncoder().encode(term);
  const rotate = (bits, by) => (bits << by) | (bits >>> (32 - by));
  const mix = (bits) => Math.imul(rotate(Math.imul(bits, 0xcc9e2d51), 15), 0x1b873593);
  const wordAt = (place) =>
    bytes[place] | (bytes[place + 1] << 8) | (bytes[place + 2] << 16) | (bytes[place + 3] << 24);
  const end = bytes.length & ~3;
  let hash = 0;
  for (let place = 0; place < end; place += 4) {
    hash = (Math.imul(rotate(hash ^ mix(wordAt(place)), 13), 5) + 0xe6546b64) | 0;
  }
  // Bytes beyond the end count as zero.
  hash ^= mix(wordAt(end)) ^ bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

//: arrays
// A class of characters is written as the gaps between the ends of its ranges, to base 36.
function rangesOf(gaps) {
  let end = 0;
  const ends = gaps.split(" ").map((gap) => (end += parseInt(gap, 36)));
  const spell = (point) => `\\u{${point.toString(16)}}`;
  return ends.map((point, index) => (index % 2 ? `-${spell(point - 1)}` : spell(point))).join("");
}

// The first character separates the terms.
function splitTerms(terms) {
  return terms ? terms.slice(1).split(terms[0]) : [];
}

function makeWeighting({ idf, ...rest }) {
  return { ...rest, idf: idf && idfOf(idf) };
}

// The factor of a term follows from the number of texts that hold it.
function idfOf({ total, counts, factors }) {
  return counts ? counts.map((count) => Math.log(total / count) + 1) : floatsOf(factors);
}

function makeBlock(block) {
  const { terms, buckets, nBuckets, token, stopWords = "", weightings } = block;
  let keys = buckets;
  if (terms !== undefined) keys = splitTerms(terms);
  const firstRow = termRows;
  termRows += keys ? keys.length : nBuckets;
  return {
    ...block,
    firstRow,
    places: keys && new Map(keys.map((key, place) => [key, place])),
    token: token && new RegExp(token, "gu"),
    stopWords: new Set(splitTerms(stopWords)),
    weightings: weightings.map(makeWeighting),
  };
}

//: features
/** The columns in their order. Each holds text. */
export const features = student.columns.map((name) => ({ name, kind: "text" }));

/** Whether values may be missing. */
export const takesMissing = false;

const known = new RegExp(`[^${rangesOf(student.unknown)}]+`, "gu");
const unknown = new RegExp(`[${rangesOf(student.unknown)}]+`, "gu");
//: features if unicode accents
const combining = new RegExp(`[${rangesOf(student.combining)}]+`, "gu");
//: features if sigma
const ignorable = new RegExp(`[${rangesOf(student.ignorable)}]`, "u");
const cased = new RegExp(`[${rangesOf(student.cased)}]`, "u");
//: features if characters
const spaces = new RegExp(`[${rangesOf(student.spaces)}]+`, "u");
const manySpaces = new RegExp(`[${rangesOf(student.spaces)}]{2,}`, "gu");
//: features

let termRows = 0;
const blocks = student.blocks.map(makeBlock);
//: features if together
const together = makeWeighting(student.together);
//: features
//: most rows
const mostRows = Math.max(...layers.map(({ rows }) => rows));
