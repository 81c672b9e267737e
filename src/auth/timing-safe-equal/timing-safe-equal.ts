import { digest, equalDigests } from "./digest.ts";

/**
 * Whether two secrets are the same, in a time that tells nothing of where or in what length they differ.
 * Text is compared as UTF-8.
 * @example
 * if (!(await timingSafeEqual(given, expected))) throw new HttpError(401, "key_invalid", "Wrong key.");
 */
export async function timingSafeEqual(
  a: string | Uint8Array,
  b: string | Uint8Array,
): Promise<boolean> {
  const [one, other] = await Promise.all([digest(a), digest(b)]);
  return equalDigests(one, other);
}
