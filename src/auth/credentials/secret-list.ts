import { digest, equalDigests } from "../timing-safe-equal/digest.ts";
import type { Expiring } from "./valid-until.ts";
import { endOf } from "./valid-until.ts";

interface Entry<T> {
  readonly secret: string;
  readonly value: T;
  readonly endsAt: number;
}

/** Secrets, and what each of them stands for. Only their digests are compared, and always all of them. */
export class SecretList<T> {
  readonly #entries: Entry<T>[] = [];
  readonly #now: () => number;
  #digests: Promise<readonly Uint8Array[]> | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Before the first question only. @throws TypeError when its end is no time */
  add(secret: string, value: T, expiring: Expiring): void {
    this.#entries.push({ secret, value, endsAt: endOf(expiring) });
  }

  /** What a secret stands for; undefined when it is none of these, or no longer good. */
  async find(secret: string): Promise<T | undefined> {
    this.#digests ??= Promise.all(this.#entries.map((entry) => digest(entry.secret)));
    const [given, digests] = await Promise.all([digest(secret), this.#digests]);
    const now = this.#now();
    let found: Entry<T> | undefined;
    for (let i = 0; i < digests.length; i++) {
      const entry = this.#entries[i] as Entry<T>;
      // Without a way out: the time tells neither which it was nor whether there was one.
      const same = equalDigests(given, digests[i] as Uint8Array);
      if (same && now < entry.endsAt) found ??= entry;
    }
    return found?.value;
  }
}
