/** A field as a table holds it. `valid` tells whether it may stand in a message (RFC 9113 8.2.1). */
export interface Field {
  readonly name: string;
  readonly value: string;
  readonly valid: boolean;
}

/** RFC 7541 2.3.2 and 4: the newest field has the lowest index, the oldest make room. */
export class DynamicTable {
  /** Undefined where a field is gone: what a peer has evicted, however large, is not held. */
  #fields: (Field | undefined)[] = [];
  /** How many at the front of the array are gone; they are cut off now and then. */
  #gone = 0;
  #size = 0;
  #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @param index 0 is the newest */
  get(index: number): Field | undefined {
    const at = this.#fields.length - 1 - index;
    return at < this.#gone ? undefined : this.#fields[at];
  }

  add(field: Field): void {
    this.#fields.push(field);
    this.#size += sizeOf(field);
    this.#makeRoom();
  }

  resize(limit: number): void {
    this.#limit = limit;
    this.#makeRoom();
  }

  #makeRoom(): void {
    while (this.#size > this.#limit) {
      this.#size -= sizeOf(this.#fields[this.#gone] as Field);
      this.#fields[this.#gone] = undefined;
      this.#gone++;
    }
    if (this.#gone < 64) return;
    this.#fields = this.#fields.slice(this.#gone);
    this.#gone = 0;
  }
}

function sizeOf(field: Field): number {
  return field.name.length + field.value.length + 32;
}
