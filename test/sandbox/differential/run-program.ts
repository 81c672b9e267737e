/** Makes an instance of a module, linked to these imports. */
export type Instantiate = (
  bytes: Uint8Array<ArrayBuffer>,
  imports: WebAssembly.Imports,
) => WebAssembly.Exports;

class Exit extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`exit ${status}`);
    this.status = status;
  }
}

/** Runs a WASI program without input. @returns what it writes, and its status */
export function runWasi(bytes: Uint8Array<ArrayBuffer>, instantiate: Instantiate): string {
  const output: string[] = [];
  let memory: WebAssembly.Memory;
  const view = (): DataView => new DataView(memory.buffer);
  const known: WebAssembly.ModuleImports = {
    fd_write(_fd: number, parts: number, count: number, written: number): number {
      let total = 0;
      for (let i = 0; i < count; i++) {
        const at = view().getUint32(parts + 8 * i, true);
        const length = view().getUint32(parts + 8 * i + 4, true);
        output.push(Buffer.from(memory.buffer, at, length).toString("latin1"));
        total += length;
      }
      view().setUint32(written, total, true);
      return 0;
    },
    proc_exit(status: number): void {
      throw new Exit(status);
    },
    // A character device, so that output is not held back.
    fd_fdstat_get(_fd: number, stat: number): number {
      view().setUint8(stat, 2);
      return 0;
    },
  };
  const others = new Proxy(known, { get: (target, name: string) => target[name] ?? (() => 8) });
  const exports = instantiate(bytes, { wasi_snapshot_preview1: others });
  memory = exports["memory"] as WebAssembly.Memory;
  let status = 0;
  try {
    (exports["_start"] as () => void)();
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    status = error.status;
  }
  return `${output.join("")}exit ${status}`;
}

/** Calls `run` of an AssemblyScript module, which gives back a string. */
export function runAssemblyScript(
  bytes: Uint8Array<ArrayBuffer>,
  instantiate: Instantiate,
): string {
  const env = {
    abort: (): never => {
      throw new Error("the program aborted");
    },
  };
  const exports = instantiate(bytes, { env });
  const at = (exports["run"] as () => number)() >>> 0;
  const { buffer } = exports["memory"] as WebAssembly.Memory;
  // The length in bytes stands before the UTF-16 of a string.
  return Buffer.from(buffer, at, new DataView(buffer).getUint32(at - 4, true)).toString("utf16le");
}
