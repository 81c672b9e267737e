import { createHash } from "node:crypto";

/** A digest at once; see `Platform.digest`. */
export function digest(algorithm: "sha256" | "sha512", bytes: Uint8Array): Uint8Array {
  return createHash(algorithm).update(bytes).digest();
}
