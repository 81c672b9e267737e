import type { Instrumented } from "./instrument.ts";
import { InvalidModule } from "./invalid-module.ts";
import type { ModuleLimits } from "./limits.ts";
import { defaultModuleLimits } from "./limits.ts";
import { instrumentOffThread } from "./off-thread.ts";

/** An instrumented module, compiled: instances of it are cheap, and all sandboxes may share it. */
export interface LoadedModule extends Instrumented {
  /** SHA-256, in hexadecimal, of the guest's content and the limits. */
  readonly hash: string;
  readonly module: WebAssembly.Module;
}

export interface ModuleCacheOptions {
  /** Modules kept. Default 128. */
  readonly maxModules?: number;
  /** Bytes of instrumented code kept. Default 64 MiB. */
  readonly maxBytes?: number;
}

/**
 * Modules that were instrumented and compiled, by their content: tenants with the same module share the work and the
 * code. It is done in another thread. What was used longest ago is let go first.
 */
export class ModuleCache {
  readonly #maxModules: number;
  readonly #maxBytes: number;
  /** By hash, the one used last at the end. */
  readonly #entries = new Map<string, { module: Promise<LoadedModule>; bytes: number }>();
  #bytes = 0;

  constructor(options: ModuleCacheOptions = {}) {
    this.#maxModules = options.maxModules ?? 128;
    this.#maxBytes = options.maxBytes ?? 64 * 1024 * 1024;
  }

  /** Modules it holds now. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * @param bytes the guest; a copy is taken at once
   * @throws InvalidModule when it cannot be taken, with the reason in words
   */
  async load(bytes: Uint8Array, limits: ModuleLimits = defaultModuleLimits): Promise<LoadedModule> {
    if (bytes.length > limits.maxBytes)
      throw new InvalidModule(`has ${bytes.length} bytes, and ${limits.maxBytes} are allowed`);
    const copy = new Uint8Array(bytes);
    const hash = await hashOf(copy, limits);
    const known = this.#entries.get(hash);
    if (known !== undefined) {
      this.#entries.delete(hash);
      this.#entries.set(hash, known);
      return known.module;
    }
    const entry = { module: this.#make(copy, limits, hash), bytes: 0 };
    this.#entries.set(hash, entry);
    try {
      const loaded = await entry.module;
      if (this.#entries.get(hash) === entry) this.#account(entry, loaded.bytes.length);
      return loaded;
    } catch (error) {
      if (this.#entries.get(hash) === entry) this.#entries.delete(hash);
      throw error;
    }
  }

  async #make(
    bytes: Uint8Array<ArrayBuffer>,
    limits: ModuleLimits,
    hash: string,
  ): Promise<LoadedModule> {
    const instrumented = await instrumentOffThread(bytes, limits);
    try {
      return { ...instrumented, hash, module: await WebAssembly.compile(instrumented.bytes) };
    } catch (error) {
      throw new InvalidModule(`is not valid WebAssembly: ${(error as Error).message}`);
    }
  }

  #account(entry: { bytes: number }, bytes: number): void {
    entry.bytes = bytes;
    this.#bytes += bytes;
    for (const [hash, oldest] of this.#entries) {
      if (this.#entries.size <= this.#maxModules && this.#bytes <= this.#maxBytes) break;
      this.#entries.delete(hash);
      this.#bytes -= oldest.bytes;
    }
  }
}

const utf8 = new TextEncoder();

async function hashOf(bytes: Uint8Array<ArrayBuffer>, limits: ModuleLimits): Promise<string> {
  const content = hex(await crypto.subtle.digest("SHA-256", bytes));
  const text = utf8.encode(`${content} ${JSON.stringify(Object.entries(limits).toSorted())}`);
  return hex(await crypto.subtle.digest("SHA-256", text));
}

function hex(digest: ArrayBuffer): string {
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
