import { freePort } from "./free-port.ts";
import { sluiceConfig } from "./peers.ts";
import type { Workspace } from "./workspace.ts";

/** Milliseconds from the start of a program to its first answer. @throws when there is none in 10 s */
export async function startTime(executable: string, workspace: Workspace): Promise<number> {
  const port = freePort();
  const config = sluiceConfig({ ...workspace, port, tls: false });
  const began = performance.now();
  const child = Bun.spawn([executable, "-c", config], { stdout: "ignore", stderr: "ignore" });
  try {
    while (performance.now() - began < 10_000) {
      if (await firstAnswer(port)) return performance.now() - began;
      await Bun.sleep(1);
    }
    throw new Error(`${executable} does not answer`);
  } finally {
    child.kill("SIGKILL");
    await child.exited;
  }
}

async function firstAnswer(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  // A bare socket: `fetch` remembers refused connections for a while.
  Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: {
      open: (socket) => void socket.write("GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"),
      data(socket, bytes) {
        resolve(bytes.subarray(0, 12).toString() === "HTTP/1.1 200");
        socket.end();
      },
      close: () => resolve(false),
      connectError: () => resolve(false),
    },
  }).catch(() => resolve(false));
  return promise;
}
