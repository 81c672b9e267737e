/** A JSON value of unknown shape, to be read without trust: what is not there, or is something else, is undefined. */
export class JsonValue {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }

  /** A member of an object. */
  at(...path: string[]): JsonValue {
    let value = this.value;
    for (const key of path) {
      value =
        typeof value === "object" && value !== null && Object.hasOwn(value, key)
          ? (value as Record<string, unknown>)[key]
          : undefined;
    }
    return new JsonValue(value);
  }

  /** Text that is not empty. */
  get text(): string | undefined {
    return typeof this.value === "string" && this.value !== "" ? this.value : undefined;
  }

  /** A whole number, also one that is written as text, as Protocol Buffers write 64 bits. */
  get integer(): number | undefined {
    const number = typeof this.value === "string" ? Number(this.value || NaN) : this.value;
    return Number.isSafeInteger(number) ? (number as number) : undefined;
  }

  get flag(): boolean | undefined {
    return typeof this.value === "boolean" ? this.value : undefined;
  }

  /** The entries of a list; none of anything else. */
  get list(): JsonValue[] {
    return Array.isArray(this.value) ? this.value.map((one) => new JsonValue(one)) : [];
  }

  /** The members of an object; none of anything else. */
  get members(): [name: string, value: JsonValue][] {
    if (typeof this.value !== "object" || this.value === null || Array.isArray(this.value))
      return [];
    return Object.entries(this.value).map(([name, value]) => [name, new JsonValue(value)]);
  }
}
