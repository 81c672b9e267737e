import type { PasswordHashes } from "./password-hash.ts";

/** Argon2 and bcrypt as Bun has them. */
export const bunPassword: PasswordHashes = {
  hash: (password, { memory, passes }) =>
    Bun.password.hash(password, { algorithm: "argon2id", memoryCost: memory, timeCost: passes }),
  canVerify: () => true,
  verify: (password, hash) => Bun.password.verify(password, hash),
};
