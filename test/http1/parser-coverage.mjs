// Runs a bundle of the parser over inputs under Node's precise coverage and prints the share of its
// branches (V8's block ranges) that ran, and where the others are.
import { readFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { pathToFileURL } from "node:url";

const [bundle, inputs] = process.argv.slice(2);
const session = new Session();
session.connect();
await session.post("Profiler.enable");
await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
const { drive } = await import(pathToFileURL(bundle));
for (const input of JSON.parse(readFileSync(inputs, "utf8"))) drive(Buffer.from(input, "latin1"));
const { result } = await session.post("Profiler.takePreciseCoverage");
const script = result.find((one) => one.url.endsWith(bundle));
const source = readFileSync(bundle, "utf8");
let total = 0;
const missed = [];
for (const fn of script.functions) {
  for (const range of fn.ranges) {
    total++;
    if (range.count === 0)
      missed.push(source.slice(range.startOffset, range.endOffset).slice(0, 160));
  }
}
console.log(JSON.stringify({ total, missed }));
