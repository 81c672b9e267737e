import type { AbiName, LogLevel } from "../abi/abi.ts";
import type { Preopen } from "../host/host-files.ts";
import type { Instrumented } from "../module/instrument.ts";

/** The shape of an instrumented module, as far as an instance must know it. */
export type GuestLayout = Omit<Instrumented, "bytes">;

/** What a thread or process needs to know of a sandbox to run its guest. Plain data, so that it can be sent. */
export interface GuestSpec {
  readonly abi: AbiName;
  readonly layout: GuestLayout;
  /** Bytes. */
  readonly memoryLimit: number;
  readonly maxOutputBytes: number;
  /** What the key-value store holds at most; a longer value is not even sent to it. */
  readonly maxStoreBytes: number;
  /** The longest body of an HTTP request; 0 without the capability. */
  readonly maxRequestBytes: number;
  readonly maxHostCalls: number;
  /** The least level of logs that is wanted. */
  readonly logLevel: LogLevel | "off";
  readonly env: readonly (readonly [string, string])[];
  readonly config: readonly (readonly [string, string])[];
  readonly files: readonly Preopen[];
}
