import type { Acceptance, ContentCoding } from "../http/accept-encoding.ts";
import { contentTag, Representation, sameState, stateTag } from "./representation.ts";
import type { CommonFields, FileState } from "./representation.ts";
import type { StaticSettings } from "./options.ts";
import { canCompress, compressBytes } from "../runtime/compress.ts";

/** Memory of one entry beyond its contents, roughly. */
const OVERHEAD = 2048;

/** What a path stands for, as it was when last looked at: a file, and its representations. */
export class Entry {
  /** The file's own bytes. */
  readonly plain: Representation;
  /** Whether the coding depends on the request. */
  readonly varies: boolean;
  /** Milliseconds of the handler's clock. */
  checkedAt = 0;
  /** Set by every use; the cache clears it to find what nobody uses. */
  used = true;
  /** Bytes it stands for in the cache. */
  weight: number;
  /** Told when compressed variants make it heavier. */
  grew: ((by: number) => void) | undefined;
  readonly #precompressed: readonly Representation[];
  readonly #made = new Map<ContentCoding, Representation>();
  readonly #making = new Map<ContentCoding, Promise<Representation>>();
  readonly #common: CommonFields;
  readonly #settings: StaticSettings;
  readonly #onTheFly: boolean;

  constructor(
    plain: Representation,
    precompressed: readonly Representation[],
    common: CommonFields,
    onTheFly: boolean,
    settings: StaticSettings,
  ) {
    this.plain = plain;
    this.varies = common.varies;
    this.#precompressed = precompressed;
    this.#common = common;
    this.#settings = settings;
    this.#onTheFly = onTheFly;
    this.weight = OVERHEAD + (plain.bytes?.byteLength ?? 0);
    for (const sibling of precompressed) this.weight += OVERHEAD + (sibling.bytes?.byteLength ?? 0);
  }

  /** Whether it still describes these files. */
  matches(
    name: string,
    state: FileState,
    siblings: ReadonlyMap<ContentCoding, FileState>,
  ): boolean {
    if (name !== this.plain.name || !sameState(state, this.plain.state)) return false;
    if (siblings.size !== this.#precompressed.length) return false;
    return this.#precompressed.every((known) => {
      const found = siblings.get(known.coding as ContentCoding);
      return found !== undefined && sameState(found, known.state);
    });
  }

  /**
   * The representation for a client. Precompressed files come before what must be compressed first.
   * @param ranged the request wants a range: only bytes that stay the same will do
   * @returns undefined when it takes none (406)
   */
  choose(
    accepts: Acceptance,
    ranged: boolean,
  ): Representation | Promise<Representation> | undefined {
    if (!this.varies) return accepts.identity ? this.plain : undefined;
    const best = this.#find(accepts.preferred, ranged && accepts.identity);
    if (best !== undefined) return best;
    return accepts.identity ? this.plain : this.#find(accepts.tolerated, false);
  }

  #find(
    codings: readonly ContentCoding[],
    ranged: boolean,
  ): Representation | Promise<Representation> | undefined {
    for (const coding of codings) {
      for (const sibling of this.#precompressed) if (sibling.coding === coding) return sibling;
    }
    if (!this.#onTheFly || ranged) return undefined;
    for (const coding of codings) {
      const made = this.#made.get(coding);
      if (made !== undefined) return made;
      if (this.#settings.encodings.includes(coding) && canCompress(coding))
        return this.#make(coding);
    }
    return undefined;
  }

  #make(coding: ContentCoding): Representation | Promise<Representation> {
    const bytes = this.plain.bytes;
    if (bytes === undefined) {
      const streamed = this.#streamed(coding);
      this.#made.set(coding, streamed);
      return streamed;
    }
    // Requests that come meanwhile wait for the same work.
    let making = this.#making.get(coding);
    if (making === undefined) {
      making = this.#compress(coding, bytes).finally(() => this.#making.delete(coding));
      this.#making.set(coding, making);
    }
    return making;
  }

  async #compress(coding: ContentCoding, bytes: Uint8Array): Promise<Representation> {
    const compressed = await compressBytes(coding, bytes, this.#settings.levels[coding]);
    const made = new Representation({
      ...this.#derived(coding),
      size: compressed.byteLength,
      bytes: compressed,
      etag: contentTag(compressed),
    });
    this.#made.set(coding, made);
    const added = OVERHEAD + compressed.byteLength;
    this.weight += added;
    this.grew?.(added);
    return made;
  }

  /** Compressed while it is sent: equal in meaning but not promised to be equal in bytes, so its tag is weak. */
  #streamed(coding: ContentCoding): Representation {
    return new Representation({
      ...this.#derived(coding),
      size: undefined,
      bytes: undefined,
      etag: `W/${stateTag(this.plain.state, coding)}`,
    });
  }

  #derived(coding: ContentCoding) {
    const { name, state } = this.plain;
    return { coding, name, state, ranges: false, common: this.#common };
  }
}
