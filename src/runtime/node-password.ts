import * as nodeCrypto from "node:crypto";
import type { PasswordHashes } from "./password-hash.ts";

interface Argon2Parameters {
  message: string | Uint8Array;
  nonce: Uint8Array;
  parallelism: number;
  tagLength: number;
  memory: number;
  passes: number;
}

/** `crypto.argon2` of Node 24.7 and later; the types of older ones do not know it. */
export type Argon2 = (
  algorithm: string,
  parameters: Argon2Parameters,
  done: (error: Error | null, tag: Uint8Array) => void,
) => void;

const SALT_BYTES = 16;
const TAG_BYTES = 32;
const PHC =
  /^\$(argon2(?:id|i|d))\$v=19\$m=(\d{1,10}),t=(\d{1,10}),p=(\d{1,8})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{16,86})$/;

/**
 * Argon2 through Node's own function, in the PHC string format that Bun writes too.
 * @param argon2 Node's function, if it has one
 */
export function nodePasswordHashes(argon2: Argon2 | undefined): PasswordHashes {
  const derive = (algorithm: string, parameters: Argon2Parameters): Promise<Uint8Array> => {
    if (argon2 === undefined) return Promise.reject(new Error(NO_ARGON2));
    return new Promise((resolve, reject) => {
      argon2(algorithm, parameters, (error, tag) => {
        if (error === null || error === undefined) resolve(tag);
        else reject(error);
      });
    });
  };
  return {
    async hash(password, { memory, passes }) {
      const nonce = nodeCrypto.randomBytes(SALT_BYTES);
      const cost = { memory, passes, parallelism: 1, tagLength: TAG_BYTES };
      const tag = await derive("argon2id", { message: password, nonce, ...cost });
      return `$argon2id$v=19$m=${memory},t=${passes},p=1$${base64(nonce)}$${base64(tag)}`;
    },
    canVerify: (kind) => kind === "argon2" && argon2 !== undefined,
    async verify(password, hash) {
      if (/^\$2[aby]\$/.test(hash)) throw new Error(NO_BCRYPT);
      const [, algorithm, memory, passes, parallelism, salt, tag] = PHC.exec(hash) ?? [];
      if (algorithm === undefined) throw new TypeError("this is no Argon2 hash of version 19");
      const expected = Buffer.from(tag as string, "base64");
      const actual = await derive(algorithm, {
        message: password,
        nonce: Buffer.from(salt as string, "base64"),
        memory: Number(memory),
        passes: Number(passes),
        parallelism: Number(parallelism),
        tagLength: expected.byteLength,
      });
      return nodeCrypto.timingSafeEqual(actual, expected);
    },
  };
}

/** Node's Argon2, where this is a Node that has it. */
export const nodePassword: PasswordHashes = nodePasswordHashes(
  (nodeCrypto as { argon2?: Argon2 }).argon2,
);

const NO_ARGON2 =
  "this runtime has no Argon2: run on Bun, or install Node 24.7 or later, whose node:crypto has it";
const NO_BCRYPT =
  "this runtime cannot read bcrypt hashes: run on Bun, or store Argon2 hashes, which Node 24.7 reads too";

/** Without padding, as the PHC string format has it. */
function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replace(/=+$/, "");
}
