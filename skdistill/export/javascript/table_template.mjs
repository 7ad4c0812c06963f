//: head
//? classes label_sets
// A student of skdistill: raw rows in, labels and probabilities out.
//
//     import { classes, features, predict, predictProba } from "./student.mjs";
//? numbers
// A student of skdistill: raw rows in, numbers out.
//
//     import { features, predict } from "./student.mjs";
//?
//
// A row is an array of values in the order of the columns, or an object. The keys of an
// object are the names of the columns; an unused column needs no key. Values are numbers,
// strings and booleans. A missing value is null, undefined or NaN.

//: parameter
 * @param {ArrayLike | Object} row - Raw values.
//: errors
 * @throws {TypeError} If the row has another form, or a value another type.
 * @throws {RangeError} If a number is infinite or too large, or if a value is missing
 * and the student accepts no missing values.
//: first layer
// The first layer has one row for a plain number, one for each knot of a number, and one
// for each level of a category.
//: rows
// From a raw row to rows of the first layer.

function readRow(row) {
  const isList = Array.isArray(row) || ArrayBuffer.isView(row);
  if (!isList && (typeof row !== "object" || row === null)) {
    throw new TypeError("a row is an array of values, or an object with names as keys");
  }
  if (isList && row.length !== features.length) {
    throw new TypeError(
      `the row has ${row.length} values, and the student takes ${features.length}`,
    );
  }
  for (const column of columns) {
    if (!isList && !Object.hasOwn(row, column.name)) {
      throw new TypeError(`the row has no key ${JSON.stringify(column.name)}`);
    }
    if (column.offset && row instanceof Float32Array) {
      throw new TypeError(`${describe(column)} needs double precision: give a Float64Array`);
    }
    const cell = isList ? row[column.index] : row[column.name];
    if (column.kind === "category") {
      useRow(layers[0], column.firstRow + levelOf(cell, column), 1);
      continue;
    }
    const value = numberOf(cell, column);
    if (column.kind === "knotted") useKnots(value, column);
    else useRow(layers[0], column.firstRow, factorOf(value, column));
  }
}

function numberOf(cell, column) {
  const isNumber = typeof cell === "number";
  if (!isNumber && !isMissing(cell) && !["boolean", "bigint"].includes(typeof cell)) {
    throw typeError(cell, column, "numbers");
  }
  const number = isNumber ? cell : isMissing(cell) ? NaN : Number(cell);
  if (Math.abs(Math.fround(number)) > limit) throw rangeError(cell, column);
  // The difference is exact enough in double precision alone.
  const value = Math.fround(number - column.offset);
  if (Number.isNaN(value) && column.kind === "plain") {
    throw new RangeError(`${describe(column)} is missing, and the student takes no missing values`);
  }
  return value;
}

function factorOf(value, { kind, low, high, mean, scale }) {
  if (kind === "plain") return value;
  if (Number.isNaN(value)) return 0;
  const clipped = Math.min(Math.max(value, low), high);
  return Math.fround(Math.fround(clipped - mean) / scale);
}

// A number between two knots uses a part of the row of each knot.
function useKnots(value, { firstRow, knots }) {
  const last = knots.length - 1;
  if (Number.isNaN(value)) {
    useRow(layers[0], firstRow + last + 1, 1);
    return;
  }
  let bin = 0;
  for (let size = last; size > 1;) {
    const half = size >> 1;
    if (value >= knots[bin + half]) bin += half;
    size -= half;
  }
  const clipped = Math.min(Math.max(value, knots[0]), knots[last]);
  const width = Math.fround(knots[bin + 1] - knots[bin]);
  const part = Math.fround(Math.fround(clipped - knots[bin]) / width);
  // The student stores bin plus part in one number of single precision.
  const position = Math.fround(bin + part);
  const whole = Math.floor(position);
  if (isSumOfCurves) {
    const { weights, stride } = layers[0];
    const here = weights[(firstRow + whole) * stride];
    const next = weights[(firstRow + whole + 1) * stride];
    // It goes from one number to the other, and never beyond or back.
    curves += Math.fround(here + (position - whole) * (next - here));
    return;
  }
  useRow(layers[0], firstRow + whole, 1 - (position - whole));
  useRow(layers[0], firstRow + whole + 1, position - whole);
}

// Returns the index among L levels, L for an unseen level, L + 1 for a missing value.
function levelOf(cell, column) {
  const { indexOfLevel, takesText, holdsText } = column;
  if (isMissing(cell)) return indexOfLevel.size + 1;
  const isText = typeof cell === "string";
  // A text that is no level may write a number or a truth value that is one.
  const isKnown = isText && indexOfLevel.has(cell);
  const key = isText && !isKnown && !takesText ? keyOfText(cell) : keyOf(cell);
  const index = indexOfLevel.get(key);
  if (index !== undefined) return index;
  const type = typeof cell;
  if (!["string", "number", "boolean", "bigint"].includes(type)) {
    throw typeError(cell, column, "text, numbers and booleans");
  }
  if (isText && !holdsText && typeof key === "string") {
    throw typeError(cell, column, "numbers and booleans");
  }
  if (!isText && Math.abs(Number(cell)) > limit) throw rangeError(cell, column);
  if (!isText && takesText) throw typeError(cell, column, "text");
  return indexOfLevel.size;
}

// Levels of equal value have the same key: true and 1, 1 and 1n.
function keyOf(cell) {
  if (typeof cell === "boolean") return Number(cell);
  // Two equals signs compare the exact values of a BigInt and a number.
  if (typeof cell === "bigint" && Number(cell) == cell) return Number(cell);
  return cell;
}

// Where a level is no text, a text stands for the number or truth value that it writes.
function keyOfText(text) {
  if (/^[+-]?[0-9]{1,400}$/.test(text)) return keyOf(BigInt(text.replace("+", "")));
  const number = /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$/;
  if (number.test(text)) return Number(text);
  const place = ["false", "true"].indexOf(text.toLowerCase());
  return place < 0 ? text : place;
}

function isMissing(cell) {
  return cell === null || cell === undefined || Number.isNaN(cell);
}

function describe(column) {
  return `feature ${JSON.stringify(column.name)}`;
}

function typeError(cell, column, wanted) {
  const value = ["string", "number"].includes(typeof cell)
    ? JSON.stringify(cell)
    : `a value of type ${typeof cell}`;
  return new TypeError(
    `${describe(column)} is ${value}, and the student takes ${wanted} there`,
  );
}

function rangeError(cell, column) {
  return new RangeError(
    `${describe(column)} is ${cell}, and the student takes finite numbers up to ` +
      `${limit.toPrecision(4)} in size`,
  );
}

//: arrays
function makeColumn(column, index) {
  const { name, kind, firstRow, values = "", levels = [], offset = 0 } = column;
  const isText = (level) => typeof level === "string";
  const numbers = floatsOf(values);
  const [low, high, mean, scale] = kind === "linear" ? numbers : [];
  return {
    name,
    kind,
    firstRow,
    index,
    knots: numbers,
    low,
    high,
    mean,
    scale,
    indexOfLevel: new Map(levels.map((level, number) => [keyOf(level), number])),
    offset,
    takesText: levels.every(isText),
    holdsText: levels.length === 0 || levels.some(isText),
  };
}

function makeFeature({ name, kind, values, levels, offset = 0 }) {
  if (kind === "unused") return { name, kind };
  if (kind === "category") return { name, kind, levels };
  if (kind === "plain") return { name, kind: "number", low: null, high: null };
  const numbers = floatsOf(values);
  const high = kind === "linear" ? numbers[1] : numbers.at(-1);
  return { name, kind: "number", low: numbers[0] + offset, high: high + offset };
}

//: features
/**
 * The columns in their order. A column of numbers has the range outside of which the
 * student sees no difference, or null if the range is not known. A column of categories
 * has its levels, the most frequent first. The student does not use the other columns.
 */
export const features = student.columns.map(makeFeature);

/** Whether values may be missing. */
export const takesMissing = student.takesMissing;

const columns = student.columns.map(makeColumn).filter(({ kind }) => kind !== "unused");
//: limit

// The greatest number that the student accepts: the greatest number of single precision,
// or a quarter of it.
const limit = (2 - 2 ** -23) * 2 ** (takesMissing ? 125 : 127);
//: most rows
const mostRows = Math.max(2 * columns.length, ...layers.map(({ rows }) => rows));
