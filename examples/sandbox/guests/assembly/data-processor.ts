// Figures about numbers: {"data":[1,2,3]} or [1,2,3] gives {"count":3,"sum":6,"mean":2,"min":1,"max":3}.
import { Host, Memory } from "@extism/as-pdk";
import { error_set } from "@extism/as-pdk/lib/env";

function fail(message: string): i32 {
  error_set(Memory.allocateString(message).offset);
  return 1;
}

export function process_request(): i32 {
  const text = Host.inputString();
  const open = text.indexOf("[");
  const close = text.indexOf("]", open);
  if (open < 0 || close < 0) return fail("give a list of numbers as data");
  let count = 0;
  let sum: f64 = 0;
  let least: f64 = Infinity;
  let most: f64 = -Infinity;
  const inner = text.slice(open + 1, close).trim();
  if (inner.length > 0) {
    const items = inner.split(",");
    for (let i = 0; i < items.length; i++) {
      const item = items[i].trim();
      const value = item.length == 0 ? NaN : F64.parseFloat(item);
      if (!isFinite(value)) return fail("item " + i.toString() + " of data is no number");
      count++;
      sum += value;
      least = min(least, value);
      most = max(most, value);
    }
  }
  if (count == 0) return fail("data has no numbers");
  Host.outputString(
    '{"count":' +
      count.toString() +
      ',"sum":' +
      sum.toString() +
      ',"mean":' +
      (sum / count).toString() +
      ',"min":' +
      least.toString() +
      ',"max":' +
      most.toString() +
      "}",
  );
  return 0;
}
