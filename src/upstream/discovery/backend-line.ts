import type { BackendOptions } from "../backend-options.ts";

/**
 * Reads a backend as a line says it: `10.0.0.1:8080`, `https://10.0.0.2 weight=3`, `10.0.0.3:8080 backup`.
 * Whether the address is one is not decided here.
 * @throws TypeError that says what is wrong
 */
export function parseBackendLine(line: string): BackendOptions {
  const [url = "", ...words] = line.trim().split(/\s+/);
  let weight: number | undefined;
  let backup = false;
  for (const word of words) {
    const [, digits] = /^weight=(\d{1,5})$/.exec(word) ?? [];
    if (digits !== undefined) weight = Number(digits);
    else if (word === "backup") backup = true;
    else {
      throw new TypeError(
        `${JSON.stringify(word)} behind ${url} is neither weight=NUMBER nor backup`,
      );
    }
  }
  return { url, ...(weight !== undefined && { weight }), ...(backup && { backup }) };
}
