import { WasmSandbox } from "../../src/sandbox/index.ts";
import { echoGuest } from "./guest.ts";

/** MiB that so many sandboxes take, each with one instance of a small module that has answered a call. */
export async function measureIdle(count: number): Promise<number> {
  const source = await echoGuest();
  const build = () => WasmSandbox.builder().source(source).executor("inline").build();
  const call = async (sandbox: WasmSandbox): Promise<void> => {
    // A busy machine may take the little time there is inline.
    while ((await sandbox.call("echo", "x").catch(() => "")) !== "x");
  };
  const first = await build();
  await call(first);
  Bun.gc(true);
  const before = process.memoryUsage.rss();
  const sandboxes: WasmSandbox[] = [];
  for (let i = 0; i < count; i++) {
    const sandbox = await build();
    await call(sandbox);
    sandboxes.push(sandbox);
  }
  Bun.gc(true);
  const after = process.memoryUsage.rss();
  await Promise.all([first, ...sandboxes].map((sandbox) => sandbox.dispose()));
  return (after - before) / 2 ** 20;
}
