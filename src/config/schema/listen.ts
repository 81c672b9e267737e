import { isIP } from "node:net";

/** Where something listens. */
export interface ListenAddress {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

/**
 * Reads `0.0.0.0:5432`, `[::]:5432` or `localhost:5432`.
 * @throws TypeError that says what is expected
 */
export function parseListen(text: string): ListenAddress {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9_.-]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535 || (match[1] !== undefined && isIP(match[1]) !== 6)) {
    throw new TypeError("must be an address with a port, such as 0.0.0.0:5432 or [::]:5432");
  }
  return { host: (match[1] ?? match[2]) as string, port };
}
