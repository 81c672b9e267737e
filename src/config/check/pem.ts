import { readFileSync } from "node:fs";
import type { KeyPath } from "../path-key.ts";
import { isPem, reason } from "../values.ts";
import type { CheckContext } from "./check.ts";

/** What a client of TLS has: authorities, and a certificate with its key. */
interface ClientPem {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** That files of a client can be read, and that a certificate and its key come together. */
export function checkClientPem(context: CheckContext, at: KeyPath, pem: ClientPem): void {
  for (const key of ["ca", "cert", "key"] as const) {
    const value = pem[key];
    if (value !== undefined) checkPem(context, [...at, key], value);
  }
  for (const [one, other] of [
    ["cert", "key"],
    ["key", "cert"],
  ] as const) {
    if (pem[one] === undefined || pem[other] !== undefined || context.isDamaged([...at, other]))
      continue;
    context.error([...at, one], "key", `${context.name([...at, one])} needs ${other} beside it`);
  }
}

/** That a file of certificates or a key can be read, and looks like one. */
function checkPem(context: CheckContext, path: KeyPath, value: string): void {
  if (isPem(value)) return;
  try {
    const text = readFileSync(value, "latin1");
    if (text.includes("-----BEGIN")) return;
    context.error(path, "value", `${value} has no PEM text: it begins with -----BEGIN`);
  } catch (error) {
    context.error(path, "value", `cannot read ${value}: ${reason(error)}`);
  }
}
