import type { SandboxBuilder } from "../builder.ts";
import type { SandboxPoolOptions } from "./sandbox-pool.ts";
import { SandboxPool } from "./sandbox-pool.ts";

/**
 * Modules by route, which can be registered, replaced and removed while the server runs. Calls that are under way
 * when a module is replaced end on the one they began with.
 *
 * @example
 * ```ts
 * import { RouteSandboxes, WasmSandbox } from "sluice/sandbox";
 *
 * const module = Uint8Array.fromHex(
 *   "0061736d0100000001070160027f7f017f030201000707010361646400000a09010700200020016a0b",
 * );
 * const routes = new RouteSandboxes();
 * await routes.register("/add", WasmSandbox.builder().source(module), { size: 1 });
 * console.log(await routes.get("/add")?.call("add", [2, 3])); // 5
 * await routes.dispose();
 * ```
 */
export class RouteSandboxes {
  readonly #pools = new Map<string, SandboxPool>();
  /** Changes of one route are made one after the other. */
  readonly #changes = new Map<string, Promise<unknown>>();
  #disposed = false;

  /** The routes that have a module. */
  get routes(): string[] {
    return [...this.#pools.keys()];
  }

  /** What answers a route now. Ask anew for each call: it may have been replaced. */
  get(route: string): SandboxPool | undefined {
    return this.#pools.get(route);
  }

  /**
   * Gives a route its module.
   * @throws (rejects with) RangeError when it has one, and as `SandboxPool.create` does
   */
  register(
    route: string,
    builder: SandboxBuilder,
    options?: SandboxPoolOptions,
  ): Promise<SandboxPool> {
    return this.#change(route, async () => {
      if (this.#pools.has(route)) {
        throw new RangeError(`the route ${route} has a module already; replace it`);
      }
      return this.#put(route, await SandboxPool.create(builder, options));
    });
  }

  /** Gives a route another module, or its first. When that cannot be built, the old one stays. */
  replace(
    route: string,
    builder: SandboxBuilder,
    options?: SandboxPoolOptions,
  ): Promise<SandboxPool> {
    return this.#change(route, async () => {
      const next = await SandboxPool.create(builder, options);
      const old = this.#pools.get(route);
      this.#put(route, next);
      void old?.retire();
      return next;
    });
  }

  /** Takes the module of a route away. @returns whether it had one */
  remove(route: string): Promise<boolean> {
    return this.#change(route, async () => {
      const old = this.#pools.get(route);
      this.#pools.delete(route);
      void old?.retire();
      return old !== undefined;
    });
  }

  /** Takes all of them away. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    await Promise.allSettled(this.#changes.values());
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.dispose()));
  }

  #put(route: string, pool: SandboxPool): SandboxPool {
    this.#pools.set(route, pool);
    return pool;
  }

  #change<T>(route: string, change: () => Promise<T>): Promise<T> {
    if (this.#disposed) return Promise.reject(new Error("the sandboxes were disposed of"));
    const before = this.#changes.get(route) ?? Promise.resolve();
    const done = before.then(change, change);
    this.#changes.set(route, done);
    const settled = (): void => {
      if (this.#changes.get(route) === done) this.#changes.delete(route);
    };
    done.then(settled, settled);
    return done;
  }
}
