/** What a stored hash says of itself. */
export type PasswordHash =
  | {
      readonly kind: "argon2";
      readonly variant: string;
      /** KiB. */
      readonly memory: number;
      readonly passes: number;
    }
  | { readonly kind: "bcrypt"; readonly rounds: number };

// The PHC string format (https://github.com/P-H-C/phc-string-format), version 1.3 of Argon2.
const ARGON2 =
  /^\$argon2(id|i|d)\$v=19\$m=(\d{1,8}),t=(\d{1,5}),p=\d{1,3}\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{16,86}$/;
const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;

/** Reads a stored hash; undefined when it is of neither kind or broken. */
export function parsePasswordHash(hash: string): PasswordHash | undefined {
  const [, variant, memory, passes] = ARGON2.exec(hash) ?? [];
  if (variant !== undefined) {
    return { kind: "argon2", variant, memory: Number(memory), passes: Number(passes) };
  }
  const rounds = BCRYPT.exec(hash)?.[1];
  return rounds === undefined ? undefined : { kind: "bcrypt", rounds: Number(rounds) };
}
