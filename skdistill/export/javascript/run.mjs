// Runs a student's module: node run.mjs MODULE ROWS ANSWERS
//
// Each line of ROWS is a raw row in JSON, an array or one text. In an array
// {"integer": "..."} stands for an integer beyond 2^53. The program writes a line to ANSWERS for each
// row: an array of the label, or of the labels, and the array of probabilities. A student
// of numbers writes these in place of both.

import { createReadStream, openSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

// Infinity and BigInt are no JSON, and the program that reads the answers takes them.
function spell(value) {
  if (Array.isArray(value)) return `[${value.map(spell)}]`;
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

const [modulePath, rowsPath, answersPath] = process.argv.slice(2);
let number = 0;
try {
  const { predict, predictProba } = await import(pathToFileURL(modulePath));
  const answers = openSync(answersPath, "w");
  for await (const line of createInterface({ input: createReadStream(rowsPath) })) {
    const row = JSON.parse(line, (_, cell) =>
      cell?.integer === undefined ? cell : BigInt(cell.integer),
    );
    const decision = spell(predict(row));
    const answer = predictProba ? JSON.stringify(predictProba(row)) : decision;
    writeSync(answers, `[${decision}, ${answer}]\n`);
    number++;
  }
} catch (error) {
  console.error(`row ${number}: ${error}`);
  process.exitCode = 1;
}
