import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LoadResult } from "../support/load.ts";

const MAIN = join(import.meta.dir, "../../src/cli/main.ts");
const LOAD = join(import.meta.dir, "../support/load.ts");
const PATIENCE_MS = 20_000;

/** A line of JSON that the program wrote. */
export interface Event {
  event: string;
  level: string;
  message: string;
  pid: number;
  addresses: { url: string; protocols: string[] }[];
}

/** A folder of the test's own. */
export function workFolder(): {
  path: string;
  write(name: string, text: string): string;
} & Disposable {
  const path = mkdtempSync(join(tmpdir(), "sluice-lifecycle-"));
  return {
    path,
    write(name, text) {
      const file = join(path, name);
      writeFileSync(file, text);
      return file;
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** The program as a process, and what it says. */
export class Program implements AsyncDisposable {
  readonly #child: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly events: Event[] = [];
  output = "";
  #taken = 0;
  #listeners = new Set<() => void>();

  constructor(
    args: readonly string[],
    cwd: string,
    env: Record<string, string> = {},
    command = [process.execPath, MAIN],
  ) {
    this.#child = Bun.spawn([...command, ...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    void this.#read(this.#child.stdout);
    void this.#read(this.#child.stderr);
    void this.#child.exited.then(() => this.#wake());
  }

  get pid(): number {
    return this.#child.pid;
  }
  get exited(): Promise<number> {
    return this.#child.exited;
  }

  /** The next event of this name after those already waited for. */
  async next(name: string): Promise<Event> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const index = this.events.findIndex((event, at) => at >= this.#taken && event.event === name);
      const event = this.events[index];
      if (event !== undefined) {
        this.#taken = index + 1;
        return event;
      }
      if (this.#child.exitCode !== null || Date.now() > deadline) {
        throw new Error(`no event ${name}; exit code ${this.#child.exitCode}\n${this.output}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1_000);
        this.#listeners.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  /** Waits until it listens. @returns its addresses */
  async listening(): Promise<string[]> {
    return (await this.next("listening")).addresses.map(({ url }) => url);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Process ids of its workers. */
  children(): number[] {
    const { stdout } = Bun.spawnSync(["ps", "-o", "pid=", "--ppid", String(this.pid)]);
    return stdout.toString().split("\n").filter(Boolean).map(Number);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) this.signal("SIGTERM");
    const timer = setTimeout(() => this.signal("SIGKILL"), 5_000);
    await this.#child.exited;
    clearTimeout(timer);
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of stream) {
      const text = decoder.decode(chunk, { stream: true });
      this.output += text;
      const lines = (rest + text).split("\n");
      rest = lines.pop() as string;
      for (const line of lines) {
        if (line.startsWith("{")) this.events.push(JSON.parse(line) as Event);
      }
      this.#wake();
    }
  }

  #wake(): void {
    const listeners = this.#listeners;
    this.#listeners = new Set();
    for (const listener of listeners) listener();
  }
}

/** A constant load by another process. @returns a function that ends it and has its result */
export function startLoad(
  url: string,
  protocol: "h1" | "h2",
  { lanes = 24, rate = 2_600 } = {},
): () => Promise<LoadResult> {
  const child = Bun.spawn([process.execPath, LOAD, url, protocol, String(lanes), String(rate)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  return async () => {
    await child.stdin.end();
    const text = await new Response(child.stdout).text();
    return JSON.parse(text) as LoadResult;
  };
}

/** Whether a process is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits until something is so. @throws when it takes too long */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error("it did not come to pass");
    await Bun.sleep(20);
  }
}
