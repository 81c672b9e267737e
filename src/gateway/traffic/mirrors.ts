import { MirrorCounts } from "../../proxy/mirror/mirror-counts.ts";

/** What was counted of mirrors, through all reloads, by name. */
export class Mirrors {
  readonly #held = new Map<string, { readonly counts: MirrorCounts; users: number }>();

  /** Those in use now. */
  get all(): readonly MirrorCounts[] {
    return [...this.#held.values()].map(({ counts }) => counts);
  }

  /** Counts that are in use from {@link begin} on. */
  of(name: string): MirrorCounts {
    return this.#held.get(name)?.counts ?? new MirrorCounts(name);
  }

  begin(counts: MirrorCounts): void {
    const held = this.#held.get(counts.name);
    if (held === undefined) this.#held.set(counts.name, { counts, users: 1 });
    else held.users++;
  }

  end({ name }: MirrorCounts): void {
    const held = this.#held.get(name);
    if (held !== undefined && --held.users === 0) this.#held.delete(name);
  }
}
