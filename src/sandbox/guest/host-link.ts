import type { PlainData, VirtualFiles } from "../abi/abi.ts";

/** The services that only the server itself can give. */
export type HostOperation =
  | "kv.get"
  | "kv.set"
  | "kv.delete"
  | "kv.increment"
  | "network.request"
  | "files.open"
  | "files.read"
  | "files.stat"
  | "files.readdir"
  | "files.close"
  | "files.closeAll";

/** How a guest's thread or process reaches the server. */
export interface HostLink {
  /**
   * Asks, and waits for the answer. The server checks and audits it.
   * @throws CapabilityDenied, HostFault
   */
  ask(operation: HostOperation, args: readonly PlainData[]): PlainData;
  /** Files where they can be read on this side; undefined where the server is asked for them. */
  readonly files: (VirtualFiles & { closeAll(): void }) | undefined;
}
