import type { ServeOptions } from "../../src/server/settings.ts";

/** What a server process says of itself. */
export interface ServerState {
  /** Resident memory in MiB, after a collection. */
  rss: number;
  connections: number;
}

/** A server in a process of its own, so that its memory can be watched. */
export class ServerProcess implements AsyncDisposable {
  readonly port: number;
  readonly #child: Bun.Subprocess<"pipe", "pipe", "inherit">;
  readonly #lines: AsyncIterator<string>;

  private constructor(
    port: number,
    child: Bun.Subprocess<"pipe", "pipe", "inherit">,
    lines: AsyncIterator<string>,
  ) {
    this.port = port;
    this.#child = child;
    this.#lines = lines;
  }

  static async start(options: ServeOptions = {}): Promise<ServerProcess> {
    const script = new URL("serve-process.ts", import.meta.url).pathname;
    const child = Bun.spawn([process.execPath, script, JSON.stringify(options)], {
      stdin: "pipe",
      stdout: "pipe",
      stderr: "inherit",
    });
    const lines = readLines(child.stdout);
    const { port } = JSON.parse((await lines.next()).value as string) as { port: number };
    return new ServerProcess(port, child, lines);
  }

  async state(): Promise<ServerState> {
    this.#child.stdin.write("rss\n");
    await this.#child.stdin.flush();
    return JSON.parse((await this.#lines.next()).value as string) as ServerState;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.exited;
  }
}

async function* readLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
      yield text.slice(0, end);
      text = text.slice(end + 1);
    }
  }
}
