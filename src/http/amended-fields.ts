import { isFieldAt } from "./field-name.ts";
import type { FieldNames } from "./field-names.ts";
import { HeaderList } from "./header-list.ts";
import type { FieldJudge, ReceivedFields } from "./received-fields.ts";
import { FieldVerdict, lengthBit } from "./received-fields.ts";

/**
 * A header section with a field of ours in place of all that a client may have sent under names like it. What was
 * received stays in one piece where it can.
 * @param names that `name` is one of
 */
export function withField(
  headers: HeaderList,
  names: FieldNames,
  name: string,
  value: string,
): HeaderList {
  const { received } = headers;
  if (received !== undefined) {
    return HeaderList.received(new AmendedFields(received, names, name, value));
  }
  return amend(headers.clone(), names, name, value);
}

function amend(list: HeaderList, names: FieldNames, name: string, value: string): HeaderList {
  names.removeFrom(list);
  list.set(name, value);
  return list;
}

class AmendedFields implements ReceivedFields {
  readonly lengths: number;
  readonly #base: ReceivedFields;
  readonly #names: FieldNames;
  readonly #name: string;
  readonly #value: string;

  constructor(base: ReceivedFields, names: FieldNames, name: string, value: string) {
    this.lengths = base.lengths | lengthBit(name.length);
    this.#base = base;
    this.#names = names;
    this.#name = name;
    this.#value = value;
  }

  flat(): string[] {
    return amend(new HeaderList(this.#base.flat()), this.#names, this.#name, this.#value).flat;
  }

  values(lower: string): string[] | undefined {
    if (this.#name.length === lower.length && isFieldAt(this.#name, 0, lower)) return [this.#value];
    // Of Connection something may have been taken away.
    if (lower === "connection") return undefined;
    const { lengths } = this.#names;
    if ((lengths & lengthBit(lower.length)) !== 0 && this.#names.has(lower)) return [];
    return this.#base.values(lower);
  }

  keep(judge: FieldJudge): string | undefined {
    const kept = this.#base.keep(this.#others(judge));
    if (kept === undefined) return undefined;
    const name = this.#name;
    switch (judge(name, 0, name.length, name.length, name.length)) {
      case FieldVerdict.Keep:
        return `${kept}${name}: ${this.#value}\r\n`;
      case FieldVerdict.Omit:
        return kept;
      case FieldVerdict.GiveUp:
        return undefined;
    }
  }

  /** Judges what the client has sent, of which nothing under our names is kept. */
  #others(judge: FieldJudge): FieldJudge {
    const names = this.#names;
    const { lengths } = names;
    if ((this.#base.lengths & lengths) === 0) return judge;
    return (text, at, length, valueAt, valueEnd) =>
      (lengths & lengthBit(length)) !== 0 && names.has(text.slice(at, at + length))
        ? FieldVerdict.Omit
        : judge(text, at, length, valueAt, valueEnd);
  }
}
