// A student of skdistill: raw rows in, labels and probabilities out.
//
//     import { classes, features, predict, predictProba } from "./student.mjs";
//
// A row is an array of values in the order of the columns, or an object. The keys of an
// object are the names of the columns; an unused column needs no key. Values are numbers,
// strings and booleans. A missing value is null, undefined or NaN.

/**
 * Predict class probabilities.
 *
 * @param {ArrayLike | Object} row - Raw values.
 * @returns {number[]} Probabilities, in the order of `classes`.
 * @throws {TypeError} If the row has another form, or a value another type.
 * @throws {RangeError} If a number is infinite or too large, or if a value is missing
 * and the student accepts no missing values.
 */
export function predictProba(row) {
  computeLogits(row);
  if (isSumOfCurves) return [logistic(-logits[1]), logistic(logits[1])];
  const greatest = Math.max(...logits);
  const probabilities = [];
  let sum = 0;
  for (const logit of logits) {
    const exponential = Math.exp(logit - greatest);
    probabilities.push(exponential);
    sum += exponential;
  }
  return probabilities.map((exponential) => exponential / sum);
}

/**
 * Predict the label.
 *
 * @param {ArrayLike | Object} row - Raw values.
 * @returns {string | number | boolean | bigint} The most probable class.
 * @throws {TypeError | RangeError} As `predictProba` does.
 */
export function predict(row) {
  computeLogits(row);
  let best = 0;
  for (let index = 1; index < logits.length; index++) {
    if (logits[index] > logits[best]) best = index;
  }
  return classes[best];
}

// This rises with the logit. A softmax divides by a sum that is rounded, and may step back.
function logistic(logit) {
  return Math.fround(1 / (1 + Math.exp(-logit)));
}

// A layer computes its biases plus some rows of its weights, each row times a factor.
// The first layer has one row for a plain number, one for each knot of a number, and one
// for each level of a category. Every other layer has one row for each unit of the layer
// before it.

function computeLogits(row) {
  used = 0;
  curves = 0;
  readRow(row);
  addRows(layers[0]);
  if (isSumOfCurves) layers[0].sums[0] += curves;
  for (let index = 1; index < layers.length; index++) {
    const { units, sums } = layers[index - 1];
    used = 0;
    for (let unit = 0; unit < units; unit++) {
      useRow(layers[index], unit, activate(sums[unit]));
    }
    addRows(layers[index]);
  }
  const { units, sums } = layers.at(-1);
  // A single logit is that of the second class. The logit of the first stays zero.
  const first = logits.length - units;
  for (let unit = 0; unit < units; unit++) {
    if (!Number.isFinite(sums[unit])) {
      throw new RangeError(
        "the logits of the row are beyond single precision: its values are far from " +
          "those that the student was trained on",
      );
    }
    logits[first + unit] = sums[unit];
  }
}

function useRow(layer, row, factor) {
  if (factor === 0) return;
  starts[used] = row * layer.stride;
  factors[used++] = factor;
}

// The loop adds four units at once. The length of a row is a multiple of four.
function addRows({ stride, weights, biases, sums }) {
  for (let unit = 0; unit < stride; unit += 4) {
    let a = biases[unit];
    let b = biases[unit + 1];
    let c = biases[unit + 2];
    let d = biases[unit + 3];
    for (let index = 0; index < used; index++) {
      const start = starts[index] + unit;
      const factor = factors[index];
      a += factor * weights[start];
      b += factor * weights[start + 1];
      c += factor * weights[start + 2];
      d += factor * weights[start + 3];
    }
    sums[unit] = a;
    sums[unit + 1] = b;
    sums[unit + 2] = c;
    sums[unit + 3] = d;
  }
}

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

// The functions below turn text into arrays, once, when the module is loaded.

function bytesOf(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer;
}

function floatsOf(text) {
  return new Float32Array(bytesOf(text));
}

function weightsOf({ type, values, scales }, units, hasScalePerRow) {
  if (type === "float32") return floatsOf(values);
  if (type === "float16") {
    return Float32Array.from(new Uint16Array(bytesOf(values)), halfToNumber);
  }
  const scale = floatsOf(scales);
  return Float32Array.from(
    new Int8Array(bytesOf(values)),
    (value, index) =>
      value * scale[hasScalePerRow ? Math.floor(index / units) : index % units],
  );
}

function halfToNumber(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = (bits & 0x3ff) / 1024;
  if (exponent === 0) return sign * fraction * 2 ** -14;
  return sign * (1 + fraction) * 2 ** (exponent - 15);
}

function makeLayer({ weights, table, biases }) {
  const units = floatsOf(biases).length;
  const stride = Math.ceil(units / 4) * 4;
  const parts = [weightsOf(weights, units, false)];
  if (table !== undefined) parts.push(weightsOf(table, units, true));
  const rows = parts.reduce((sum, part) => sum + part.length / units, 0);
  const layer = {
    units,
    rows,
    stride,
    weights: new Float32Array(rows * stride),
    biases: new Float32Array(stride),
    sums: new Float32Array(stride),
  };
  layer.biases.set(floatsOf(biases));
  let row = 0;
  for (const part of parts) {
    for (let start = 0; start < part.length; start += units) {
      layer.weights.set(part.subarray(start, start + units), stride * row++);
    }
  }
  return layer;
}

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

const activations = {
  relu: (sum) => (sum < 0 ? 0 : sum),
  tanh: Math.tanh,
  logistic: (sum) => 1 / (1 + Math.exp(-sum)),
  // Far below zero the quotient would be that of two infinite numbers.
  silu: (sum) => (sum < -200 ? 0 : sum / (1 + Math.exp(-sum))),
};

// The student. Arrays of numbers are text in base 64, little-endian.

const student = {};

/** The labels, in the order of the probabilities. */
export const classes = student.classes;

/**
 * The columns in their order. A column of numbers has the range outside of which the
 * student sees no difference, or null if the range is not known. A column of categories
 * has its levels, the most frequent first. The student does not use the other columns.
 */
export const features = student.columns.map(makeFeature);

/** Whether values may be missing. */
export const takesMissing = student.takesMissing;

const columns = student.columns.map(makeColumn).filter(({ kind }) => kind !== "unused");
const layers = student.layers.map(makeLayer);
const activate = activations[student.activation];

// Without hidden layers, two classes have a single logit: a sum of one curve a column.
const isSumOfCurves = layers.length === 1 && layers[0].units === 1;
let curves = 0;

const logits = new Float32Array(classes.length);

// The greatest number that the student accepts: the greatest number of single precision,
// or a quarter of it.
const limit = (2 - 2 ** -23) * 2 ** (takesMissing ? 125 : 127);

// The rows of a layer's weights that the present raw row uses, each with its factor.
const mostRows = Math.max(2 * columns.length, ...layers.map(({ rows }) => rows));
const starts = new Int32Array(mostRows);
const factors = new Float64Array(mostRows);
let used = 0;
