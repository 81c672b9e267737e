import { platform } from "../../runtime/platform.ts";
import { digest as keyedDigest, equalDigests } from "../timing-safe-equal/digest.ts";

const CRYPT =
  /^\$([56])\$(?:rounds=([1-9]\d{0,8})\$)?([./0-9A-Za-z]{0,16})\$([./0-9A-Za-z]{43}|[./0-9A-Za-z]{86})$/;
const DEFAULT_ROUNDS = 5000;
const MIN_ROUNDS = 1000;
/** More would keep the thread busy for seconds at each sign-in. */
export const MAX_ROUNDS = 200_000;
/** Between them other requests have their turn: about a millisecond. */
const ROUNDS_AT_ONCE = 500;
const ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const encoder = new TextEncoder();

/** A hash of `crypt(3)` by SHA-256 (`$5$`) or SHA-512 (`$6$`). */
export interface ShaCrypt {
  readonly algorithm: "sha256" | "sha512";
  readonly rounds: number;
  readonly salt: string;
  readonly hash: string;
}

/** Reads `$5$salt$hash`, `$6$…`, with or without `rounds=`; undefined for anything else. */
export function parseShaCrypt(text: string): ShaCrypt | undefined {
  const [, kind, rounds, salt, hash] = CRYPT.exec(text) ?? [];
  if (salt === undefined || hash === undefined) return undefined;
  if (hash.length !== (kind === "5" ? 43 : 86)) return undefined;
  const asked = rounds === undefined ? DEFAULT_ROUNDS : Number(rounds);
  return {
    algorithm: kind === "5" ? "sha256" : "sha512",
    rounds: Math.max(MIN_ROUNDS, asked),
    salt,
    hash,
  };
}

/** Whether a password is the one of a hash. */
export async function verifyShaCrypt(password: string, stored: ShaCrypt): Promise<boolean> {
  const computed = await shaCrypt(password, stored);
  const [a, b] = await Promise.all([keyedDigest(computed), keyedDigest(stored.hash)]);
  return equalDigests(a, b);
}

/**
 * U. Drepper, "Unix crypt using SHA-256 and SHA-512" 0.6, by its own step numbers
 * (https://www.akkadia.org/drepper/SHA-crypt.txt).
 */
async function shaCrypt(password: string, parameters: ShaCrypt): Promise<string> {
  const { algorithm, rounds } = parameters;
  const { digest } = await platform();
  const sha = (...parts: Uint8Array[]): Uint8Array => digest(algorithm, concat(parts));
  const key = encoder.encode(password);
  const salt = encoder.encode(parameters.salt);

  // 4-8
  const b = sha(key, salt, key);
  // 1-3, 9-12
  const parts = [key, salt, repeat(b, key.byteLength)];
  for (let bits = key.byteLength; bits > 0; bits >>= 1) parts.push((bits & 1) === 1 ? b : key);
  let result = sha(...parts);
  // 13-16
  const p = repeat(sha(...Array.from({ length: key.byteLength }, () => key)), key.byteLength);
  // 17-20
  const times = 16 + (result[0] as number);
  const s = repeat(sha(...Array.from({ length: times }, () => salt)), salt.byteLength);
  // 21
  for (let round = 0; round < rounds; round++) {
    const odd = (round & 1) === 1;
    const pieces = [odd ? p : result];
    if (round % 3 !== 0) pieces.push(s);
    if (round % 7 !== 0) pieces.push(p);
    pieces.push(odd ? result : p);
    result = sha(...pieces);
    if (round % ROUNDS_AT_ONCE === ROUNDS_AT_ONCE - 1) await turn();
  }
  // 22
  return algorithm === "sha256" ? encode(result, 10, 32) : encode(result, 21, 64);
}

/** A turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

function repeat(block: Uint8Array, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => block[i % block.byteLength] as number);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.byteLength;
  }
  return all;
}

/** Groups of three bytes, a third of the digest apart, each group begun one place further on; then the rest. */
function encode(bytes: Uint8Array, third: number, size: number): string {
  let text = "";
  const put = (value: number, characters: number): void => {
    for (let i = 0; i < characters; i++) text += ALPHABET[(value >> (6 * i)) & 63];
  };
  const at = (index: number): number => bytes[index] as number;
  for (let i = 0; i < third; i++) {
    const [x, y, z] = size === 32 ? order256(i) : order512(i);
    put((at(x) << 16) | (at(y) << 8) | at(z), 4);
  }
  if (size === 32) put((at(31) << 8) | at(30), 3);
  else put(at(63), 2);
  return text;
}

type Triple = readonly [number, number, number];

/** 0 10 20, 21 1 11, 12 22 2, 3 13 23 … */
function order256(i: number): Triple {
  const [a, b, c] = [i, i + 10, i + 20];
  return i % 3 === 0 ? [a, b, c] : i % 3 === 1 ? [c, a, b] : [b, c, a];
}

/** 0 21 42, 22 43 1, 44 2 23, 3 24 45 … */
function order512(i: number): Triple {
  const [a, b, c] = [i, i + 21, i + 42];
  return i % 3 === 0 ? [a, b, c] : i % 3 === 1 ? [b, c, a] : [c, a, b];
}
