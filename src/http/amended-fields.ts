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
  const own = headers.clone();
  names.removeFrom(own);
  own.set(name, value);
  return own;
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
    const list = new HeaderList(this.#base.flat());
    this.#names.removeFrom(list);
    list.set(this.#name, this.#value);
    return list.flat;
  }

  values(lower: string): string[] | undefined {
    if (this.#name.length === lower.length && isFieldAt(this.#name, 0, lower)) return [this.#value];
    // Of Connection something may have been taken away.
    if (lower === "connection") return undefined;
    return this.#names.has(lower) ? [] : this.#base.values(lower);
  }

  keep(judge: FieldJudge): string | undefined {
    const names = this.#names;
    const { lengths } = names;
    const kept = this.#base.keep((text, at, length, valueAt, valueEnd) =>
      (lengths & lengthBit(length)) !== 0 && names.has(text.slice(at, at + length))
        ? FieldVerdict.Omit
        : judge(text, at, length, valueAt, valueEnd),
    );
    if (kept === undefined) return undefined;
    const line = `${this.#name}: ${this.#value}\r\n`;
    switch (judge(line, 0, this.#name.length, this.#name.length + 2, line.length - 2)) {
      case FieldVerdict.Keep:
        return kept + line;
      case FieldVerdict.Omit:
        return kept;
      case FieldVerdict.GiveUp:
        return undefined;
    }
  }
}
