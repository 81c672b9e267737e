/** What guests need of the sandbox. */
export type SandboxParts = Awaited<ReturnType<typeof loadSandbox>>;

/** Loaded with the first guest, as most servers have none. */
export async function loadSandbox() {
  const [{ wasmHandler }, { wasmMiddleware }, { SandboxPool }, { prepare }, { builderOf }] =
    await Promise.all([
      import("../../sandbox/http/wasm-handler.ts"),
      import("../../sandbox/http/wasm-middleware.ts"),
      import("../../sandbox/pool/sandbox-pool.ts"),
      import("../../sandbox/prepare.ts"),
      import("./guest-settings.ts"),
    ]);
  return { wasmHandler, wasmMiddleware, SandboxPool, prepare, builderOf };
}
