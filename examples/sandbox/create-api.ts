// A REST API whose work is done by guests: a pool with a queue and a cache, middleware that knows who has come.
import { join } from "node:path";
import { App } from "sluice";
import {
  MiB,
  SandboxPool,
  SecurityPolicy,
  validated,
  wasmHandler,
  wasmMiddleware,
  WasmSandbox,
} from "sluice/sandbox";
import { z } from "zod";

/** @param folder where `build.ts` has put the guests @param secret of the tokens, 32 bytes or more */
export async function createApi(folder: string, secret: string) {
  const guest = (name: string) =>
    WasmSandbox.builder()
      .source(join(folder, `${name}.wasm`))
      .policy(SecurityPolicy.strict())
      .instanceId(name);
  const verifier = await guest("jwt-verifier").config({ "": secret }).build();
  const limiter = await guest("rate-limiter").config({ "": "600" }).build();
  const sanitiser = await guest("json-sanitiser").build();
  const processor = await SandboxPool.create(guest("data-processor").memoryLimit(8 * MiB), {
    size: 2,
    queueLimit: 100,
    queueWait: "2s",
    cache: { ttl: "60s", maxEntries: 1000 },
  });
  const call = "process_request";
  const app = new App()
    .get("/pool", () => processor.metrics())
    .use(wasmMiddleware(limiter, { name: "limit" }))
    .use(wasmMiddleware(verifier, { name: "verify" }))
    .get("/me", ({ vars }) => ({ name: vars.user?.name, roles: vars.user?.roles }))
    .use(wasmMiddleware(sanitiser, { name: "sanitise" }))
    .post("/stats", wasmHandler(processor, { call }))
    .post("/checked", validated(z.object({ data: z.array(z.number()) }), processor, { call }));
  const dispose = async (): Promise<void> => {
    await Promise.all([verifier, limiter, sanitiser, processor].map((one) => one.dispose()));
  };
  return { app, dispose };
}
