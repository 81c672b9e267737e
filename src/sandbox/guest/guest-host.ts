import type {
  DirectoryEntry,
  FileStat,
  HostRequest,
  HostResponse,
  HostServices,
  KeyValue,
  LogLevel,
  PlainData,
  VirtualFiles,
} from "../abi/abi.ts";
import { HostFault } from "../abi/abi.ts";
import { CapabilityDenied } from "../errors.ts";
import { AuditLog } from "../host/audit-log.ts";
import type { GuestSpec } from "./guest-spec.ts";
import type { HostLink, HostOperation } from "./host-link.ts";
import type { Supervision } from "./supervision.ts";

const LEVELS: readonly string[] = ["trace", "debug", "info", "warn", "error", "off"];
const MAX_LOG_TEXT = 8192;
/** Lines of one call. */
const MAX_LOG_LINES = 200;

export interface LogLine {
  readonly level: LogLevel;
  readonly text: string;
}

/** Thrown through a guest that was told to stop while it asked its host. Nothing of a guest can catch it. */
export class Stopped extends Error {}

/** What the guests of one sandbox see of their host, on the thread or in the process where they run. */
export class GuestHost implements HostServices {
  readonly env: ReadonlyMap<string, string>;
  readonly config: ReadonlyMap<string, string>;
  readonly kv: KeyValue;
  readonly files: VirtualFiles;
  /** Lines logged in this call. */
  lines: LogLine[] = [];
  /** Present while the call is audited. */
  audit: AuditLog | undefined;
  readonly #spec: GuestSpec;
  readonly #link: HostLink;
  readonly #supervision: Supervision;
  readonly #level: number;
  #calls = 0;

  constructor(spec: GuestSpec, link: HostLink, supervision: Supervision) {
    this.#spec = spec;
    this.#link = link;
    this.#supervision = supervision;
    this.#level = LEVELS.indexOf(spec.logLevel);
    this.env = this.#audited("env", new Map(spec.env));
    this.config = this.#audited("config", new Map(spec.config));
    this.kv = this.#keyValue();
    this.files = link.files === undefined ? this.#remoteFiles() : this.#localFiles(link.files);
  }

  begin(audited: boolean): void {
    this.audit = audited ? new AuditLog() : undefined;
    this.#calls = 0;
    if (this.lines.length > 0) this.lines = [];
  }

  /** After a call: what it left open. */
  end(): void {
    if (this.#spec.files.length === 0) return;
    if (this.#link.files !== undefined) this.#link.files.closeAll();
    else if (this.#calls > 0) this.#link.ask("files.closeAll", []);
  }

  alive(): void {
    if (this.#supervision.stopped()) throw new Stopped();
  }

  logs(level: LogLevel): boolean {
    return LEVELS.indexOf(level) >= this.#level;
  }

  log(level: LogLevel, text: string): void {
    this.#enter();
    const shown = text.length > MAX_LOG_TEXT ? `${text.slice(0, MAX_LOG_TEXT)}…` : text;
    this.audit?.record("log", [level, shown], "ok");
    if (this.logs(level) && this.lines.length < MAX_LOG_LINES)
      this.lines.push({ level, text: shown });
  }

  now(): number {
    return this.#local("now", [], () => Date.now());
  }

  monotonic(): number {
    // Coarse, so that a guest cannot time what its neighbours do.
    return this.#local("monotonic", [], () => Math.floor(performance.now() * 10) / 10);
  }

  random(into: Uint8Array): void {
    this.#local("random", [into], () => {
      // As much as the web's function gives at once.
      for (let at = 0; at < into.byteLength; at += 65_536) {
        this.alive();
        crypto.getRandomValues(into.subarray(at, at + 65_536) as Uint8Array<ArrayBuffer>);
      }
    });
  }

  request(request: HostRequest): HostResponse {
    const { maxRequestBytes } = this.#spec;
    const { body } = request;
    // What is refused in any case is not sent to the server: it would have to take all of it first.
    const isLong = body.byteLength > maxRequestBytes;
    const sent = isLong ? { ...request, body: body.slice(0, maxRequestBytes + 1) } : request;
    return this.#ask("network.request", [sent as unknown as PlainData]) as unknown as HostResponse;
  }

  /** Every host call comes by here: a guest that does nothing else is stopped here, too. */
  #enter(): void {
    this.alive();
    if (++this.#calls > this.#spec.maxHostCalls) {
      throw new CapabilityDenied(
        "hostCalls",
        `the guest made more than ${this.#spec.maxHostCalls} host calls in one call`,
      );
    }
  }

  #local<T>(name: string, args: readonly unknown[], action: () => T): T {
    this.#enter();
    if (this.audit === undefined) return action();
    try {
      const result = action();
      this.audit.record(name, args, "ok");
      return result;
    } catch (error) {
      const outcome = error instanceof CapabilityDenied ? "denied" : "failed";
      this.audit.record(name, args, outcome, (error as Error).message);
      throw error;
    }
  }

  #ask(operation: HostOperation, args: readonly PlainData[]): PlainData {
    this.#enter();
    this.#supervision.pause();
    try {
      return this.#link.ask(operation, args);
    } finally {
      this.#supervision.resume();
    }
  }

  #audited(name: string, map: Map<string, string>): ReadonlyMap<string, string> {
    const enter = (what: string, args: readonly string[]): void => {
      this.#enter();
      this.audit?.record(`${name}.${what}`, args, "ok");
    };
    return new AuditedMap(map, enter);
  }

  #keyValue(): KeyValue {
    return {
      get: (key) => this.#ask("kv.get", [key]) as Uint8Array | undefined,
      set: (key, value, ttlMs) => {
        // As with requests: one byte too many says that there is no room.
        const sent = value.slice(0, this.#spec.maxStoreBytes + 1);
        this.#ask("kv.set", [key, sent, ttlMs]);
      },
      delete: (key) => this.#ask("kv.delete", [key]) as boolean,
      increment: (key, by, ttlMs) => this.#ask("kv.increment", [key, by, ttlMs]) as number,
    };
  }

  #localFiles(files: VirtualFiles): VirtualFiles {
    const { preopens } = files;
    return {
      preopens,
      open: (path) => this.#local("files.open", [path], () => files.open(path)),
      read: (handle, offset, into) =>
        this.#local("files.read", [handle, offset, into.byteLength], () =>
          files.read(handle, offset, into),
        ),
      stat: (target) => this.#local("files.stat", [target], () => files.stat(target)),
      readdir: (target) => this.#local("files.readdir", [target], () => files.readdir(target)),
      close: (handle) => this.#local("files.close", [handle], () => files.close(handle)),
    };
  }

  #remoteFiles(): VirtualFiles {
    return {
      preopens: this.#spec.files.map(([guestPath]) => guestPath),
      open: (path) => this.#ask("files.open", [path]) as number,
      read: (handle, offset, into) => {
        const bytes = this.#ask("files.read", [handle, offset, into.byteLength]);
        if (!(bytes instanceof Uint8Array)) throw new HostFault("EIO", "the host gave no bytes");
        into.set(bytes);
        return bytes.byteLength;
      },
      stat: (target) => this.#ask("files.stat", [target]) as unknown as FileStat,
      readdir: (target) => this.#ask("files.readdir", [target]) as unknown as DirectoryEntry[],
      close: (handle) => void this.#ask("files.close", [handle]),
    };
  }
}

/** A map that tells of every look. */
class AuditedMap extends Map<string, string> {
  readonly #enter: (what: string, args: readonly string[]) => void;

  constructor(map: Map<string, string>, enter: (what: string, args: readonly string[]) => void) {
    super(map);
    this.#enter = enter;
  }

  override get(key: string): string | undefined {
    this.#enter("get", [key]);
    return super.get(key);
  }

  override has(key: string): boolean {
    this.#enter("get", [key]);
    return super.has(key);
  }

  override entries(): MapIterator<[string, string]> {
    this.#enter("list", []);
    return super.entries();
  }

  override [Symbol.iterator](): MapIterator<[string, string]> {
    return this.entries();
  }

  override keys(): MapIterator<string> {
    this.#enter("list", []);
    return super.keys();
  }

  override values(): MapIterator<string> {
    this.#enter("list", []);
    return super.values();
  }

  override forEach(each: (value: string, key: string, map: Map<string, string>) => void): void {
    this.#enter("list", []);
    super.forEach(each);
  }
}
