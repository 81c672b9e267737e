import type { Database } from "bun:sqlite";
import { JwtRefused, jwt, jwtVerifier, randomToken } from "sluice/auth";
import { z } from "zod";

const ISSUER = "sluice-todo";
const claims = z.object({ sub: z.string().regex(/^\d{1,15}$/) });

/** JSON Web Tokens for programs, which have no cookies. */
export class Tokens {
  readonly #key: { readonly secret: string };
  readonly #verify;

  constructor(db: Database) {
    this.#key = { secret: secretOf(db) };
    this.#verify = jwtVerifier({ keys: this.#key, issuer: ISSUER, claims });
  }

  issue(userId: number): Promise<string> {
    const subject = String(userId);
    return jwt.issue({}, { key: this.#key, subject, issuer: ISSUER, expiresIn: "1h" });
  }

  /** @returns the id of the user, or undefined when the token is not good */
  async read(token: string): Promise<number | undefined> {
    try {
      return Number((await this.#verify(token)).sub);
    } catch (error) {
      if (error instanceof JwtRefused) return undefined;
      throw error;
    }
  }
}

/** Made at the first start and kept, so that tokens outlive a restart and are good for every worker. */
function secretOf(db: Database): string {
  const insert = "INSERT INTO secrets VALUES ('jwt', ?) ON CONFLICT DO NOTHING";
  db.query(insert).run(randomToken());
  const row = db.query<{ value: string }, []>("SELECT value FROM secrets").get();
  return row!.value;
}
