import type { MiddlewareConfig, RouteConfig } from "../../config/schema/config.ts";
import type { SandboxBuilder } from "../../sandbox/builder.ts";
import { Capability } from "../../sandbox/capability.ts";
import { SecurityPolicy } from "../../sandbox/policy.ts";
import { WasmSandbox } from "../../sandbox/sandbox.ts";

export type WasmAction = Extract<RouteConfig["action"], { type: "wasm" }>;
export type WasmLayer = MiddlewareConfig["wasm"][number];
/** What is said of a guest wherever one is named. */
export type GuestSettings = WasmAction | WasmLayer;

/** The sandbox that settings describe. @throws RangeError for what contradicts each other */
export function builderOf(settings: GuestSettings, bytes: Uint8Array): SandboxBuilder {
  const { policy, executor, memory_limit, cpu_timeout_ms, call_timeout_ms, config } = settings;
  const builder = WasmSandbox.builder().source(bytes).policy(SecurityPolicy.named(policy));
  // Between requests nothing is kept, whatever the policy does for connections.
  builder.state("reset");
  if (executor !== undefined) builder.executor(executor);
  if (memory_limit !== undefined) builder.memoryLimit(memory_limit);
  if (cpu_timeout_ms !== undefined) builder.cpuTimeout(cpu_timeout_ms);
  if (call_timeout_ms !== undefined) builder.callTimeout(call_timeout_ms);
  if (config !== undefined) builder.config(typeof config === "string" ? { "": config } : config);
  if (Object.keys(settings.env).length > 0) builder.allow(Capability.env(settings.env));
  if (Object.keys(settings.files).length > 0) builder.allow(Capability.files(settings.files));
  if (settings.network !== undefined) {
    const { hosts, ports, private_addresses: privateAddresses, timeout_ms } = settings.network;
    const options = { hosts, ports, privateAddresses, timeout: timeout_ms };
    builder.allow(Capability.network(options));
  }
  return builder;
}
