import type { HostRequest, PlainData, VirtualFiles } from "../abi/abi.ts";
import { HostFault } from "../abi/abi.ts";
import { CapabilityDenied } from "../errors.ts";
import type { HostOperation } from "../guest/host-link.ts";
import type { AuditLog } from "./audit-log.ts";
import type { HostNetwork } from "./host-network.ts";
import type { KeyValueStore } from "./key-value-store.ts";

/** What the server itself does for the guests of one sandbox: it checks, does and audits. */
export interface HostResources {
  readonly kv: KeyValueStore;
  /** Undefined without the capability. */
  readonly network: HostNetwork | undefined;
}

/** The longest part of a file that is read at once. */
const MAX_READ = 1024 * 1024;

export class HostBroker {
  readonly #resources: HostResources;

  constructor(resources: HostResources) {
    this.#resources = resources;
  }

  /**
   * @param files of the guest that asks, where it cannot read them itself
   * @returns a promise only for the network
   * @throws CapabilityDenied, HostFault; for wrong arguments too, which come from the guest's side
   */
  handle(
    operation: HostOperation,
    args: readonly PlainData[],
    audit: AuditLog | undefined,
    files?: VirtualFiles & { closeAll(): void },
  ): PlainData | Promise<PlainData> {
    const failed = (error: unknown): never => {
      const outcome = error instanceof CapabilityDenied ? "denied" : "failed";
      audit?.record(operation, forAudit(operation, args), outcome, (error as Error).message);
      throw error;
    };
    try {
      const result = this.#perform(operation, args, files);
      if (result instanceof Promise) {
        return result.then((answer) => {
          audit?.record(operation, forAudit(operation, args), "ok");
          return answer;
        }, failed);
      }
      audit?.record(operation, args, "ok");
      return result;
    } catch (error) {
      return failed(error);
    }
  }

  #perform(
    operation: HostOperation,
    args: readonly PlainData[],
    files: (VirtualFiles & { closeAll(): void }) | undefined,
  ): PlainData | Promise<PlainData> {
    const { kv, network } = this.#resources;
    switch (operation) {
      case "kv.get":
        return kv.get(text(args[0]));
      case "kv.set":
        return void kv.set(text(args[0]), bytes(args[1]), optionalNumber(args[2]));
      case "kv.delete":
        return kv.delete(text(args[0]));
      case "kv.increment":
        return kv.increment(text(args[0]), optionalNumber(args[1]), optionalNumber(args[2]));
      case "network.request":
        if (network === undefined) {
          throw new CapabilityDenied("network", "the sandbox has no network capability");
        }
        return network.request(args[0] as unknown as HostRequest) as unknown as Promise<PlainData>;
      case "files.open":
        return files?.open(text(args[0]));
      case "files.read": {
        const into = new Uint8Array(Math.min(number(args[2]), MAX_READ));
        const size = files?.read(number(args[0]), number(args[1]), into) ?? 0;
        return into.subarray(0, size);
      }
      case "files.stat":
        return files?.stat(target(args[0])) as unknown as PlainData;
      case "files.readdir":
        return files?.readdir(target(args[0])) as unknown as PlainData;
      case "files.close":
        return void files?.close(number(args[0]));
      case "files.closeAll":
        return void files?.closeAll();
      default:
        throw new HostFault("EINVAL", "there is no such host call");
    }
  }
}

/** Fields by which a request proves who sends it: the audit log is no place for them. */
const SECRET = /^(?:authorization|cookie|proxy-authorization|x-api-key)$/i;

function forAudit(operation: HostOperation, args: readonly PlainData[]): readonly PlainData[] {
  const [request] = args;
  if (operation !== "network.request" || typeof request !== "object" || request === null)
    return args;
  const { headers } = request as { headers?: PlainData };
  if (!Array.isArray(headers)) return args;
  const shown = (headers as unknown[]).map((field) => {
    const [name, value] = Array.isArray(field) ? (field as PlainData[]) : [];
    return [name, SECRET.test(String(name)) ? "…" : value];
  });
  return [{ ...(request as object), headers: shown }];
}

function text(value: PlainData): string {
  if (typeof value === "string") return value;
  throw new HostFault("EINVAL", "a text is wanted");
}

function bytes(value: PlainData): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new HostFault("EINVAL", "bytes are wanted");
}

function number(value: PlainData): number {
  if (typeof value === "number" && value >= 0) return value;
  throw new HostFault("EINVAL", "a number is wanted");
}

function optionalNumber(value: PlainData): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number") return value;
  throw new HostFault("EINVAL", "a number is wanted");
}

function target(value: PlainData): string | number {
  return typeof value === "string" ? value : number(value);
}
