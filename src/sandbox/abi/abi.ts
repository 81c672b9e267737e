/**
 * What goes into a guest and comes out of it: bytes, or plain data (what JSON can say, and `Uint8Array`s in it).
 * Bytes are the faster of the two; both cross to a worker or a process unchanged.
 */
export type Payload = Uint8Array | PlainData;

/** Plain data: no class instances, no functions, no cycles. */
export type PlainData =
  | string
  | number
  | boolean
  | null
  | undefined
  | Uint8Array
  | readonly PlainData[]
  | { readonly [name: string]: PlainData };

export type AbiName = "extism" | "http-wasm" | "wasi" | "plain";

/**
 * A convention between host and guest. One object serves every guest of its kind on a thread, so it keeps
 * nothing itself: what belongs to one instance lies in {@link Guest.scratch}, what those of a sandbox share in {@link Guest.common}.
 */
export interface Abi {
  readonly name: AbiName;
  /** Whether the bytes that {@link call} gives lie in memory of the guest: they hold until it is called again. */
  readonly lends?: true;
  /** The imports for a new instance, by the modules of `detect-abi.ts`. Runs before there is one: `guest.exports` and `guest.memory` work later. */
  link(guest: Guest): Record<string, Record<string, (...args: never[]) => unknown>>;
  /** Prepares a new instance, such as by calling `_initialize`. Runs under the time limit, before the snapshot. */
  start?(guest: Guest): void;
  /**
   * One call. Runs under the time limit; whatever it throws ends the call and discards the instance, except
   * {@link GuestError}, by which a guest itself says in an orderly way that it failed.
   * @param entry an export's name, or what the ABI has instead
   */
  call(guest: Guest, entry: string, input: Payload): Payload;
  /**
   * Forgets what calls left in `guest.scratch`: memory and globals have just been put back.
   * @returns false when the instance is better thrown away than kept
   */
  reset(guest: Guest): boolean;
}

/** One instance of a module. */
export interface Guest {
  /** The memory it exports (as `memory`, or its first). @throws GuestError when it exports none */
  readonly memory: WebAssembly.Memory;
  /** Its exports; names that begin with `sluice:` are the loader's. */
  readonly exports: Readonly<Record<string, WebAssembly.ExportValue>>;
  readonly host: HostServices;
  readonly limits: GuestLimits;
  /** The ABI's own state of this instance. */
  scratch: unknown;
  /** What it has for all instances of a sandbox on a thread. They run one at a time, and never within each other. */
  readonly common: { scratch: unknown };
  /** A host function may write to these bytes of its memory: they are put back after the call. */
  touched(from: number, to: number): void;
}

/** Bounds that an ABI keeps where it holds bytes for a guest. */
export interface GuestLimits {
  /** Of what lies outside of the guest's own memory for it, in bytes. */
  readonly memoryBytes: number;
  /** Of what a call gives, in bytes. */
  readonly outputBytes: number;
}

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error";

/**
 * What a guest may ask of its host. Every method returns at once from the guest's point of view, wherever the
 * guest runs, and every call is audited. What was not allowed throws `CapabilityDenied`: an ABI may turn it
 * into its own error code; if it lets it pass, the call ends with it.
 */
export interface HostServices {
  /** Levels below the sandbox's own are dropped. Long texts are cut. */
  log(level: LogLevel, text: string): void;
  /** To be called by whatever the host does for a guest. @throws when the guest was told to stop */
  alive(): void;
  /** Whether {@link log} does anything with this level. */
  logs(level: LogLevel): boolean;
  /** Milliseconds since 1970, whole ones. */
  now(): number;
  /** Milliseconds since some moment in the past that does not change; never backwards, rounded to 0.1. */
  monotonic(): number;
  /** Fills `into` with random bytes from the system. */
  random(into: Uint8Array): void;
  /** The variables of `Capability.env`; empty without it. */
  readonly env: ReadonlyMap<string, string>;
  /** What `.config(…)` of the builder said: fixed values that the operator gives to the guest. */
  readonly config: ReadonlyMap<string, string>;
  readonly kv: KeyValue;
  readonly files: VirtualFiles;
  /** An HTTP request under `Capability.network`. @throws CapabilityDenied, or HostFault when it failed */
  request(request: HostRequest): HostResponse;
}

/** A small store that outlives calls and belongs to the sandbox alone (a pool shares one). */
export interface KeyValue {
  get(key: string): Uint8Array | undefined;
  /** @param ttlMs how long it lives, in milliseconds; for ever without. @throws HostFault over its limits */
  set(key: string, value: Uint8Array, ttlMs?: number): void;
  delete(key: string): boolean;
  /**
   * Adds to a decimal number kept under `key`, atomically over everything that shares the store.
   * @param ttlMs counts from when the number begins, so that a window has an end
   * @returns the sum. @throws HostFault when something else is kept there
   */
  increment(key: string, by?: number, ttlMs?: number): number;
}

export interface HostRequest {
  readonly method: string;
  /** Absolute, `http:` or `https:`. */
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
  /** Milliseconds; the capability's own limit holds if it is shorter. */
  readonly timeoutMs?: number | undefined;
  /** The longest body of the answer that is taken; the capability's own limit holds if it is smaller. */
  readonly maxResponseBytes?: number | undefined;
}

export interface HostResponse {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

export interface FileStat {
  readonly kind: "file" | "directory";
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
  /** Tells two files apart. */
  readonly inode: number;
}

export interface DirectoryEntry {
  readonly name: string;
  readonly kind: "file" | "directory";
}

/**
 * Files to read under the preopened directories of `Capability.files`. Paths are absolute as the guest sees
 * them (`/data/a.txt`); neither `..` nor a link leads out. Methods throw {@link HostFault} with a POSIX code
 * (`ENOENT`, `ENOTDIR`, `EISDIR`, `EBADF`, `EMFILE`, `EACCES` …), and `CapabilityDenied` outside of all preopens.
 */
export interface VirtualFiles {
  /** The guest's names of the preopened directories, such as `/data`. */
  readonly preopens: readonly string[];
  /** Opens a file or directory to read. @returns a handle, closed at the end of the call at the latest */
  open(path: string): number;
  /** Reads from `offset` on. @returns how many bytes, 0 at the end */
  read(handle: number, offset: number, into: Uint8Array): number;
  stat(target: string | number): FileStat;
  /** In order of names, without `.` and `..`. */
  readdir(target: string | number): readonly DirectoryEntry[];
  close(handle: number): void;
}

/** A host call that was allowed and failed. */
export class HostFault extends Error {
  /** A POSIX code (`ENOENT`), or one of the service: `ETIMEDOUT`, `ECONNREFUSED`, `EMSGSIZE`, `EINVAL`. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "HostFault";
    this.code = code;
  }
}
