import type { AbiName, Payload } from "../abi/abi.ts";
import type { AuditedCall, CallOptions } from "../sandbox.ts";

/** What a module imports and exports, as far as those who call it must know. */
export interface GuestFacts {
  /** `module.name` of each import. */
  readonly imports: ReadonlySet<string>;
  /** Names of exported functions. */
  readonly exports: ReadonlySet<string>;
  /** Those of them that do nothing, and need not be called. */
  readonly empty: ReadonlySet<string>;
}

/** What calls a guest: a sandbox, or a pool of them. */
export interface GuestCaller {
  readonly abi: AbiName;
  readonly facts: GuestFacts;
  call<T = unknown>(entry: string, input?: unknown, options?: CallOptions): Promise<T>;
  callWithAudit<T = unknown>(
    entry: string,
    input?: unknown,
    options?: CallOptions,
  ): Promise<AuditedCall<T>>;
  exchange(entry: string, input: Payload): Promise<Payload>;
}
