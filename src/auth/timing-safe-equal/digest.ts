const encoder = new TextEncoder();
let processKey: Promise<CryptoKey> | undefined;

/**
 * HMAC-SHA256 of a secret under a key that is random and never leaves this process. Secrets are compared by
 * their digests: all have 32 bytes, so that no comparison tells a length, and what a comparison takes tells
 * nothing of the secret, as nobody outside knows the digest of a guess.
 */
export async function digest(secret: string | Uint8Array): Promise<Uint8Array> {
  processKey ??= crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
  ]) as Promise<CryptoKey>;
  // A copy: the caller's bytes may lie in shared memory, which WebCrypto refuses.
  const bytes = typeof secret === "string" ? encoder.encode(secret) : new Uint8Array(secret);
  return new Uint8Array(await crypto.subtle.sign("HMAC", await processKey, bytes));
}

/**
 * Compares two digests of {@link digest} without stopping at the first difference.
 * @throws RangeError when they differ in length: then one of them is no digest
 */
export function equalDigests(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) throw new RangeError("digests of different lengths");
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}
