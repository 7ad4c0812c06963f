//: head
//? classes
/**
 * Predict class probabilities.
 *
//: parameter
 * @returns {number[]} Probabilities, in the order of `classes`.
//: errors
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
//: parameter
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

//? label_sets
/**
 * Predict the probability of each label.
 *
//: parameter
 * @returns {number[]} Probabilities, in the order of `classes`.
//: errors
 */
export function predictProba(row) {
  computeLogits(row);
  return Array.from(logits, logistic);
}

/**
 * Predict which labels the row has.
 *
//: parameter
 * @returns {number[]} 1 for each label that it has, otherwise 0, in the order of `classes`.
 * @throws {TypeError | RangeError} As `predictProba` does.
 */
export function predict(row) {
  computeLogits(row);
  return Array.from(logits, (logit) => Number(logit > 0));
}

//? one_number
/**
 * Predict the number.
 *
//: parameter
 * @returns {number} The number.
//: errors
 */
export function predict(row) {
  return numbersOf(row)[0];
}

//? several_numbers
/**
 * Predict the numbers.
 *
//: parameter
 * @returns {number[]} The numbers.
//: errors
 */
export function predict(row) {
  return numbersOf(row);
}

//? quantiles
/**
 * Predict the quantiles.
 *
//: parameter
 * @returns {number[]} The quantiles, in the order of `quantiles`. They never cross.
//: errors
 */
export function predict(row) {
  return numbersOf(row).sort((a, b) => a - b);
}

//? numbers
// The units of the last layer count deviations of each number from its mean.
function numbersOf(row) {
  computeLogits(row);
  return student.numbers.map(({ mean, scale, low, high }, place) =>
    Math.min(Math.max(mean + scale * logits[place], low), high),
  );
}

//? classes label_sets
// This rises with the logit. A softmax divides by a sum that is rounded, and may step back.
function logistic(logit) {
  return Math.fround(1 / (1 + Math.exp(-logit)));
}

//?
// A layer computes its biases plus some rows of its weights, each row times a factor.
//: first layer
// Every other layer has one row for each unit of the layer before it.

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
//? classes
  // A single logit is that of the second class. The logit of the first stays zero.
//?
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

//: rows
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

//: arrays
const activations = {
  relu: (sum) => (sum < 0 ? 0 : sum),
  tanh: Math.tanh,
  logistic: (sum) => 1 / (1 + Math.exp(-sum)),
  // Far below zero the quotient would be that of two infinite numbers.
  silu: (sum) => (sum < -200 ? 0 : sum / (1 + Math.exp(-sum))),
};

// The student. Arrays of numbers are text in base 64, little-endian.

const student = {};

//? classes label_sets
/** The labels, in the order of the probabilities. */
export const classes = student.classes;
//? levels
/** The levels of the quantiles, in the order of the numbers. */
export const quantiles = student.quantiles;
//?

//: features
const layers = student.layers.map(makeLayer);
const activate = activations[student.activation];

//? classes
// Without hidden layers, two classes have a single logit: a sum of one curve a column.
//? numbers label_sets
// Without hidden layers, a single unit is a sum of one curve a column.
//?
const isSumOfCurves = layers.length === 1 && layers[0].units === 1;
let curves = 0;

//? classes label_sets
const logits = new Float32Array(classes.length);
//? numbers
const logits = new Float32Array(student.numbers.length);
//?
//: limit

// The rows of a layer's weights that the present raw row uses, each with its factor.
//: most rows
const starts = new Int32Array(mostRows);
const factors = new Float64Array(mostRows);
let used = 0;
