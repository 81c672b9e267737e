import { createHash } from "node:crypto";
import { basename } from "node:path";
import type { Config } from "../../config/schema/config.ts";
import type { LogLine } from "../../sandbox/guest/guest-host.ts";
import { readModuleFile } from "../../sandbox/module/read-module-file.ts";
import { SecurityPolicy } from "../../sandbox/policy.ts";
import { Guest } from "./guest.ts";
import type { GuestSettings } from "./guest-settings.ts";
import type { SandboxParts } from "./load-sandbox.ts";
import { loadSandbox } from "./load-sandbox.ts";

/** Is told what a guest logs. */
export type GuestLog = (name: string, line: LogLine) => void;

interface Held {
  readonly guest: Guest;
  users: number;
}

/**
 * The guests of a process, through all reloads: one whose module and settings stay as they are stays itself, with
 * what it keeps in its key-value store.
 */
export class Guests {
  readonly #held = new Map<string, Held>();
  readonly #log: GuestLog | undefined;

  constructor(log?: GuestLog) {
    this.#log = log;
  }

  /**
   * The guests of a configuration. All modules are loaded and checked; nothing runs before {@link GuestSet.start}.
   * @throws Error that names the place and the module
   */
  async of(config: Config): Promise<GuestSet> {
    const members = new Map<GuestSettings, Member>();
    const named = guestsOf(config);
    const sandbox = named.length === 0 ? undefined : await loadSandbox();
    for (const [place, settings] of named) {
      try {
        members.set(settings, await this.#member(settings, sandbox as SandboxParts));
      } catch (error) {
        const message = `${place}: ${settings.module}: ${(error as Error).message}`;
        throw new Error(message, { cause: error });
      }
    }
    return new GuestSet(members, sandbox, {
      begin: (member) => this.#begin(member),
      end: (member) => this.#end(member),
    });
  }

  async #member(
    settings: GuestSettings,
    { builderOf, prepare, SandboxPool }: SandboxParts,
  ): Promise<Member> {
    const { maxModule } = SecurityPolicy.named(settings.policy).limits;
    const bytes = readModuleFile(settings.module, maxModule);
    const hash = createHash("sha256").update(bytes).digest("hex");
    const key = JSON.stringify([hash, settings]);
    const held = this.#held.get(key);
    if (held !== undefined) return { key, guest: held.guest };
    const builder = builderOf(settings, bytes);
    const name = basename(settings.module, ".wasm");
    builder.instanceId(name);
    const log = this.#log;
    if (log !== undefined) builder.onLog((line) => log(name, line));
    const known = await prepare(builder.settings());
    const size = settings.instances;
    return { key, guest: new Guest(known, () => SandboxPool.create(builder, { size })) };
  }

  async #begin({ key, guest }: Member): Promise<void> {
    const held = this.#held.get(key);
    if (held === undefined) this.#held.set(key, { guest, users: 1 });
    else held.users++;
    await guest.start();
  }

  async #end({ key }: Member): Promise<void> {
    const held = this.#held.get(key);
    if (held === undefined || --held.users > 0) return;
    this.#held.delete(key);
    await held.guest.stop();
  }
}

interface Member {
  readonly key: string;
  readonly guest: Guest;
}

interface Keeper {
  begin(member: Member): Promise<void>;
  end(member: Member): Promise<void>;
}

/** The guests of one configuration. */
export class GuestSet {
  readonly #members: ReadonlyMap<GuestSettings, Member>;
  readonly #sandbox: SandboxParts | undefined;
  readonly #keeper: Keeper;
  #begun: Member[] = [];

  constructor(
    members: ReadonlyMap<GuestSettings, Member>,
    sandbox: SandboxParts | undefined,
    keeper: Keeper,
  ) {
    this.#members = members;
    this.#sandbox = sandbox;
    this.#keeper = keeper;
  }

  get size(): number {
    return this.#members.size;
  }

  /** What makes handlers and middleware of guests, where there are any. */
  get sandbox(): SandboxParts {
    return this.#sandbox as SandboxParts;
  }

  get(settings: GuestSettings): Guest {
    return (this.#members.get(settings) as Member).guest;
  }

  async start(): Promise<void> {
    for (const member of this.#members.values()) {
      this.#begun.push(member);
      await this.#keeper.begin(member);
    }
  }

  async stop(): Promise<void> {
    const begun = this.#begun;
    this.#begun = [];
    await Promise.all(begun.map((member) => this.#keeper.end(member)));
    // Without a server they began with their first call.
    for (const { guest } of this.#members.values()) if (begun.length === 0) await guest.stop();
  }
}

/** Every guest that a configuration names, and where. */
export function guestsOf({ middleware, route: routes }: Config): [string, GuestSettings][] {
  const found: [string, GuestSettings][] = [];
  const layers = (place: string, wasm: typeof middleware.wasm): void => {
    if (!wasm) return;
    for (const [index, layer] of wasm.entries()) {
      found.push([`${place}middleware.wasm[${index + 1}]`, layer]);
    }
  };
  layers("", middleware.wasm);
  for (const [index, { action, middleware: own }] of routes.entries()) {
    layers(`route[${index + 1}].`, own.wasm);
    if (action.type === "wasm") found.push([`route[${index + 1}].action`, action]);
  }
  return found;
}
