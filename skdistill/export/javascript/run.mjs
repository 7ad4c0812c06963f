// Runs a student's module: node run.mjs MODULE ROWS ANSWERS
//
// Each line of ROWS is a raw row in JSON, an array or one text. In an array
// {"integer": "..."} stands for an integer beyond 2^53. The program writes a line to ANSWERS for each row: an array of
// the label and the array of probabilities.

import { createReadStream, openSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [modulePath, rowsPath, answersPath] = process.argv.slice(2);
let number = 0;
try {
  const { predict, predictProba } = await import(pathToFileURL(modulePath));
  const answers = openSync(answersPath, "w");
  for await (const line of createInterface({ input: createReadStream(rowsPath) })) {
    const row = JSON.parse(line, (_, cell) =>
      cell?.integer === undefined ? cell : BigInt(cell.integer),
    );
    const label = predict(row);
    const text = typeof label === "string" ? JSON.stringify(label) : String(label);
    writeSync(answers, `[${text}, ${JSON.stringify(predictProba(row))}]\n`);
    number++;
  }
} catch (error) {
  console.error(`row ${number}: ${error}`);
  process.exitCode = 1;
}
