import { readFileSync } from "node:fs";
import type { KeyPath } from "../path-key.ts";
import { isPem, reason } from "../values.ts";
import type { CheckContext } from "./check.ts";

/** That a file of certificates or a key can be read, and looks like one. */
export function checkPem(context: CheckContext, path: KeyPath, value: string): void {
  if (isPem(value)) return;
  try {
    const text = readFileSync(value, "latin1");
    if (text.includes("-----BEGIN")) return;
    context.error(path, "value", `${value} has no PEM text: it begins with -----BEGIN`);
  } catch (error) {
    context.error(path, "value", `cannot read ${value}: ${reason(error)}`);
  }
}
