/** What became of a host call. */
export type AuditOutcome = "ok" | "denied" | "failed";

/** One call of a guest to its host. */
export interface AuditEntry {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Such as `kv.get`, `files.open`, `network.request`, `log`. */
  readonly name: string;
  /** Its arguments as text, cut after 256 characters; bytes only by their number. */
  readonly args: string;
  readonly outcome: AuditOutcome;
  /** Why it was denied or failed. */
  readonly detail?: string;
}

const MAX_ENTRIES = 1000;
const MAX_ARGS = 256;

/** The host calls of one call of a guest, in order. */
export class AuditLog {
  readonly entries: AuditEntry[] = [];
  #left = 0;

  record(name: string, args: readonly unknown[], outcome: AuditOutcome, detail?: string): void {
    // A guest shall not fill the host's memory with its audit; what it was denied is always kept.
    if (this.entries.length >= MAX_ENTRIES && (outcome !== "denied" || this.#left > MAX_ENTRIES)) {
      this.#left++;
      return;
    }
    if (this.entries.length >= MAX_ENTRIES) this.#left++;
    const entry = { time: Date.now(), name, args: describe(args), outcome };
    this.entries.push(detail === undefined ? entry : { ...entry, detail });
  }

  /** All of it, those from elsewhere put in their places. */
  finish(others: readonly AuditEntry[] = []): AuditEntry[] {
    const all = [...others, ...this.entries];
    // Stable, so that calls of the same millisecond keep the order they have on their own side.
    all.sort((a, b) => a.time - b.time);
    if (this.#left > 0) {
      const detail = `${this.#left} further host calls are not listed`;
      all.push({ time: Date.now(), name: "audit", args: "", outcome: "ok", detail });
    }
    return all;
  }
}

function describe(args: readonly unknown[]): string {
  const text = args.map(describeOne).join(", ");
  return text.length > MAX_ARGS ? `${text.slice(0, MAX_ARGS)}…` : text;
}

function describeOne(value: unknown): string {
  if (value instanceof Uint8Array) return `<${value.byteLength} bytes>`;
  if (typeof value === "string") return JSON.stringify(value.slice(0, MAX_ARGS + 1));
  if (typeof value === "object" && value !== null) {
    const shown = (_: string, one: unknown): unknown =>
      one instanceof Uint8Array ? `<${one.byteLength} bytes>` : one;
    return JSON.stringify(value, shown);
  }
  return String(value);
}
