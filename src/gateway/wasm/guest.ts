import type { AbiName, Payload } from "../../sandbox/abi/abi.ts";
import type { GuestCaller } from "../../sandbox/http/guest-caller.ts";
import type { SandboxPool } from "../../sandbox/pool/sandbox-pool.ts";
import type { AuditedCall, CallOptions } from "../../sandbox/sandbox.ts";

/** A guest of the configuration. Its module is loaded; what runs it begins with the server, or the first call. */
export class Guest implements GuestCaller {
  readonly abi: AbiName;
  readonly facts: GuestCaller["facts"];
  readonly #open: () => Promise<SandboxPool>;
  #pool: Promise<SandboxPool> | undefined;

  constructor(known: Pick<GuestCaller, "abi" | "facts">, open: () => Promise<SandboxPool>) {
    this.abi = known.abi;
    this.facts = known.facts;
    this.#open = open;
  }

  async call<T>(entry: string, input?: unknown, options?: CallOptions): Promise<T> {
    return (await this.start()).call<T>(entry, input, options);
  }

  async callWithAudit<T>(
    entry: string,
    input?: unknown,
    options?: CallOptions,
  ): Promise<AuditedCall<T>> {
    return (await this.start()).callWithAudit<T>(entry, input, options);
  }

  async exchange(entry: string, input: Payload): Promise<Payload> {
    return (await this.start()).exchange(entry, input);
  }

  /** @throws what the machine refuses: threads, processes, memory */
  start(): Promise<SandboxPool> {
    return (this.#pool ??= this.#open());
  }

  async stop(): Promise<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    await (await pool)?.dispose();
  }
}
