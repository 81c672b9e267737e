// sluice/sandbox: WebAssembly that is not trusted, with bounds on its time, its memory and what it may do.
export { WasmSandbox, SandboxSession } from "./sandbox.ts";
export type { AuditReport, AuditedCall, CallOptions, OutputForm, SandboxParts } from "./sandbox.ts";
export { SandboxBuilder } from "./builder.ts";
export { SecurityPolicy } from "./policy.ts";
export type { SandboxLimits } from "./policy.ts";
export { Capability } from "./capability.ts";
export type { NetworkOptions } from "./capability.ts";
export {
  CapabilityDenied,
  GuestError,
  SandboxError,
  SandboxMemoryLimit,
  SandboxOverload,
  SandboxTimeout,
  SandboxTrap,
} from "./errors.ts";
export type { SandboxBound } from "./errors.ts";
export { InvalidModule } from "./module/invalid-module.ts";
export { KiB, MiB } from "./sizes.ts";
export type { AuditEntry, AuditOutcome } from "./host/audit-log.ts";
export type { ExecutorKind } from "./executor/executor.ts";
export type { ModuleSource } from "./load-module.ts";
export type { LoadedModule } from "./module/cache.ts";
export { SandboxPool } from "./pool/sandbox-pool.ts";
export type { SandboxPoolMetrics, SandboxPoolOptions } from "./pool/sandbox-pool.ts";
export type { ResultCacheOptions } from "./pool/result-cache.ts";
export { RouteSandboxes } from "./pool/route-sandboxes.ts";
export type { LogLine } from "./guest/guest-host.ts";
export { wasmHandler } from "./http/wasm-handler.ts";
export type { WasmHandlerOptions } from "./http/wasm-handler.ts";
export { wasmMiddleware } from "./http/wasm-middleware.ts";
export type { GuestUser, WasmMiddlewareOptions } from "./http/wasm-middleware.ts";
export { wasmWebSocket } from "./http/wasm-websocket.ts";
export type { GuestSessions, WasmWebSocketOptions } from "./http/wasm-websocket.ts";
export { GuestViolation, validated } from "./http/validated.ts";
export type { ValidatedOptions } from "./http/validated.ts";
export type { GuestCaller, GuestFacts } from "./http/guest-caller.ts";
export {
  GuestDenied,
  GuestFailed,
  GuestRefused,
  GuestsBusy,
  GuestTimeout,
} from "./http/guest-failure.ts";
