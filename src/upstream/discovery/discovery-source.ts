import type { BackendOptions } from "../backend-options.ts";

/**
 * Where the backends of an upstream are looked up while it runs: a file, DNS, an orchestrator, or a function of
 * your own.
 *
 * @example
 * const registry: DiscoverySource = {
 *   name: "registry",
 *   async *watch(signal) {
 *     for (;;) {
 *       const reply = await fetch("http://registry.internal/api", { signal });
 *       yield (await reply.json()) as string[];
 *       await new Promise((resolve) => setTimeout(resolve, 5_000));
 *     }
 *   },
 * };
 * const api = new Upstream({ name: "api", backends: [], discovery: registry });
 * api.start();
 */
export interface DiscoverySource {
  /** What is asked, for logs and status: `dns api.internal`. */
  readonly name: string;
  /**
   * Gives all backends there are, each time anew, as soon as they are known and whenever they are other ones.
   *
   * What it throws is a failure of the source: the backends known stay, and `watch` is called again after a
   * while. An Error that it gives is one after which it goes on by itself. When it ends there is nothing more to
   * come, and what it gave last stays.
   * @param signal aborted when nobody wants to know any more: it should then end
   */
  watch(signal: AbortSignal): AsyncIterable<Discovered | Error>;
}

/**
 * The servers a source names: addresses, or addresses with what else is known of them. An Error stands for an entry
 * that cannot be used, and says why; the others are used.
 */
export type Discovered = readonly (string | BackendOptions | Error)[];
