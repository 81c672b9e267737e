import { GuestError } from "../../errors.ts";

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// One byte each, and none that could end the line (RFC 9110 5.5).
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** What a guest may make of a header section. */
const MAX_FIELDS = 512;
const MAX_BYTES = 256 * 1024;

/** @param wanted in lower case. Most names that differ do so in length, and need not be put in lower case. */
function isName(name: string, wanted: string): boolean {
  return name.length === wanted.length && name.toLowerCase() === wanted;
}

/** A header section in the hands of a guest: names and values in turn, copied when it is first changed. */
export class FieldList {
  #flat: readonly string[];
  #own: string[] | undefined;
  #bytes = 0;

  constructor(flat: readonly string[]) {
    this.#flat = flat;
  }

  /** The fields, if any was changed. */
  get changed(): readonly string[] | undefined {
    return this.#own;
  }

  get flat(): readonly string[] {
    return this.#flat;
  }

  /** Each once, in lower case. */
  names(): string[] {
    const names = new Set<string>();
    for (let i = 0; i < this.#flat.length; i += 2)
      names.add((this.#flat[i] as string).toLowerCase());
    return [...names];
  }

  values(name: string): string[] {
    const wanted = name.toLowerCase();
    const values: string[] = [];
    for (let i = 0; i < this.#flat.length; i += 2) {
      if (isName(this.#flat[i] as string, wanted)) {
        values.push(this.#flat[i + 1] as string);
      }
    }
    return values;
  }

  /** @throws GuestError when it cannot be sent, or there are too many */
  add(name: string, value: string): void {
    if (!NAME.test(name)) throw new GuestError(`${JSON.stringify(name)} is no name of a header`);
    if (!VALUE.test(value)) {
      throw new GuestError(`the value for the header ${name} holds characters that cannot be sent`);
    }
    const own = this.#change();
    this.#bytes += name.length + value.length;
    if (own.length >= MAX_FIELDS * 2 || this.#bytes > MAX_BYTES) {
      throw new GuestError(
        `there are too many headers: at most ${MAX_FIELDS} of ${MAX_BYTES} bytes`,
      );
    }
    own.push(name, value);
  }

  set(name: string, value: string): void {
    this.remove(name);
    this.add(name, value);
  }

  remove(name: string): void {
    const wanted = name.toLowerCase();
    const own = this.#change();
    let kept = 0;
    for (let i = 0; i < own.length; i += 2) {
      if (isName(own[i] as string, wanted)) continue;
      own[kept] = own[i] as string;
      own[kept + 1] = own[i + 1] as string;
      kept += 2;
    }
    own.length = kept;
  }

  #change(): string[] {
    if (this.#own === undefined) {
      this.#own = [...this.#flat];
      this.#flat = this.#own;
    }
    return this.#own;
  }
}
