import type {
  Abi,
  Guest,
  HostRequest,
  HostResponse,
  HostServices,
  KeyValue,
  Payload,
  VirtualFiles,
} from "../../../src/sandbox/abi/abi.ts";
import { HostFault } from "../../../src/sandbox/abi/abi.ts";
import { CapabilityDenied } from "../../../src/sandbox/errors.ts";

/** What a test sets of the host, and what it heard of the guest. */
export interface FakeHost {
  readonly logs: string[];
  readonly requests: HostRequest[];
  readonly host: HostServices;
}

interface FakeHostOptions {
  env?: Record<string, string>;
  config?: Record<string, string>;
  files?: Record<string, string>;
  respond?: (request: HostRequest) => HostResponse;
}

/** Services whose answers are known: time stands still, and random bytes count up. */
export function fakeHost(options: FakeHostOptions = {}): FakeHost {
  const logs: string[] = [];
  const requests: HostRequest[] = [];
  const host: HostServices = {
    log: (level, text) => void logs.push(`${level}: ${text}`),
    alive() {},
    logs: (level) => level !== "trace" && level !== "debug",
    now: () => 1_700_000_000_123,
    monotonic: () => 12.3,
    random: (into) => into.forEach((_, index) => (into[index] = index + 1)),
    env: new Map(Object.entries(options.env ?? {})),
    config: new Map(Object.entries(options.config ?? {})),
    kv: fakeStore(),
    files: fakeFiles(options.files ?? {}),
    request(request) {
      requests.push(request);
      if (options.respond === undefined) throw new CapabilityDenied("network", "no network here");
      return options.respond(request);
    },
  };
  return { logs, requests, host };
}

function fakeStore(): KeyValue {
  const values = new Map<string, Uint8Array>();
  return {
    get: (key) => values.get(key),
    set(key, value) {
      if (value.byteLength > 100) throw new HostFault("ENOSPC", "too large");
      values.set(key, value);
    },
    delete: (key) => values.delete(key),
    increment(key, by = 1) {
      const sum = Number(new TextDecoder().decode(values.get(key)) || 0) + by;
      values.set(key, new TextEncoder().encode(String(sum)));
      return sum;
    },
  };
}

/** Files of one preopened directory, `/data`. */
function fakeFiles(texts: Record<string, string>): VirtualFiles {
  const paths = Object.keys(texts);
  const open = new Map<number, string>();
  const isDirectory = (path: string): boolean =>
    path === "/data" || paths.some((one) => one.startsWith(`${path}/`));
  const pathOf = (target: string | number): string => {
    if (typeof target === "string") return target;
    const path = open.get(target);
    if (path === undefined) throw new HostFault("EBADF", "closed");
    return path;
  };
  const bytesOf = (path: string): Uint8Array => new TextEncoder().encode(texts[path]);
  const find = (path: string): "file" | "directory" => {
    if (path in texts) return "file";
    if (isDirectory(path)) return "directory";
    throw new HostFault("ENOENT", path);
  };
  return {
    preopens: paths.length === 0 ? [] : ["/data"],
    open(path) {
      find(path);
      const handle = open.size + 100;
      open.set(handle, path);
      return handle;
    },
    read(handle, offset, into) {
      const bytes = bytesOf(pathOf(handle)).subarray(offset, offset + into.byteLength);
      into.set(bytes);
      return bytes.byteLength;
    },
    stat(target) {
      const path = pathOf(target);
      const kind = find(path);
      const size = kind === "file" ? bytesOf(path).byteLength : 0;
      return { kind, size, modified: 1_600_000_000_000, inode: 7 };
    },
    readdir(target) {
      const base = `${pathOf(target)}/`;
      const below = paths.filter((path) => path.startsWith(base));
      const names = new Set(below.map((path) => path.slice(base.length).split("/")[0] as string));
      return [...names].toSorted().map((name) => ({ name, kind: find(base + name) }));
    },
    close: (handle) => void open.delete(handle),
  };
}

/** A guest without the loader around it, to look at its ABI alone. */
export class FakeGuest implements Guest {
  scratch: unknown = undefined;
  readonly common = { scratch: undefined as unknown };
  readonly host: HostServices;
  readonly limits = { memoryBytes: 64 * 1024 * 1024, outputBytes: 16 * 1024 * 1024 };
  readonly #abi: Abi;
  readonly #instance: WebAssembly.Instance;

  constructor(bytes: Uint8Array<ArrayBuffer>, abi: Abi, host: HostServices) {
    this.host = host;
    this.#abi = abi;
    const imports = abi.link(this) as unknown as WebAssembly.Imports;
    this.#instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports);
    abi.start?.(this);
  }

  get exports(): Guest["exports"] {
    return this.#instance.exports;
  }

  get memory(): WebAssembly.Memory {
    return this.#instance.exports["memory"] as WebAssembly.Memory;
  }

  call(entry: string, input: Payload = new Uint8Array(0)): Payload {
    return this.#abi.call(this, entry, input);
  }

  touched(): void {}

  /** The same, for outputs that are text. */
  text(entry: string, input: Payload = ""): string {
    return new TextDecoder().decode(this.call(entry, input) as Uint8Array);
  }

  reset(): boolean {
    return this.#abi.reset(this);
  }
}
