import type { Limits } from "../../src/server/limits.ts";
import type { Usage } from "./server-process.ts";

export interface ServerProcess extends AsyncDisposable {
  readonly port: number;
  readonly origin: string;
  usage(): Promise<Usage>;
}

export async function spawnServer(limits: Partial<Limits> = {}): Promise<ServerProcess> {
  const script = new URL("server-process.ts", import.meta.url).pathname;
  const child = Bun.spawn([process.execPath, script, JSON.stringify(limits)], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  const lines = readLines(child.stdout);
  const port = Number((await lines.next()).value);
  return {
    port,
    origin: `https://127.0.0.1:${port}`,
    async usage() {
      child.stdin.write("usage\n");
      await child.stdin.flush();
      return JSON.parse((await lines.next()).value ?? "{}") as Usage;
    },
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.exited;
    },
  };
}

async function* readLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of stream) {
    text += decoder.decode(bytes, { stream: true });
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
      yield text.slice(0, end);
      text = text.slice(end + 1);
    }
  }
  return undefined;
}
