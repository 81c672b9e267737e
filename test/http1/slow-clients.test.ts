import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lacks } from "../support/programs.ts";
import { ServerProcess } from "../support/server-process.ts";

/** slowhttptest's three attacks: slow heads, slow content, slow reading. */
const attacks: [name: string, options: string[]][] = [
  ["slow heads", ["-H", "-i", "1", "-x", "24"]],
  ["slow content", ["-B", "-i", "1", "-s", "8192", "-x", "10", "-t", "POST"]],
  ["slow reading", ["-X", "-w", "512", "-y", "1024", "-n", "2", "-z", "32", "-k", "3"]],
];

describe.skipIf(lacks("slowhttptest")).each(attacks)("slowhttptest: %s", (_, options) => {
  test("a normal client is served throughout, and the slow ones are cut", async () => {
    const limits = {
      headerTimeoutMs: 2_000,
      idleMs: 2_000,
      minBodyRate: 240,
      bodyRateGraceMs: 2_000,
    };
    await using server = await ServerProcess.start({ limits });
    const folder = mkdtempSync(join(tmpdir(), "sluice-slow-"));
    const url = `http://127.0.0.1:${server.port}/down?mib=1`;
    const target = options.includes("POST") ? `http://127.0.0.1:${server.port}/up` : url;
    const attack = Bun.spawn(
      [
        "slowhttptest",
        "-c",
        "400",
        "-r",
        "400",
        "-l",
        "6",
        "-p",
        "5",
        "-u",
        target,
        "-o",
        join(folder, "r"),
        ...options,
      ],
      { stdout: "ignore", stderr: "ignore" },
    );
    try {
      let served = 0;
      let highest = 0;
      while (attack.exitCode === null) {
        const answer = await fetch(`http://127.0.0.1:${server.port}/hello`, {
          signal: AbortSignal.timeout(5_000),
        });
        expect(await answer.text()).toBe("Hello");
        served++;
        if (served % 2 === 0) highest = Math.max(highest, (await server.state()).connections);
        await Bun.sleep(20);
      }
      // Each within its five seconds; how many there were is the machine's affair.
      expect(served).toBeGreaterThan(1);
      expect(highest).toBeGreaterThan(100);
      // Those that are still being cut leave within the limits.
      let left = Infinity;
      for (let i = 0; i < 60 && left > 5; i++) {
        await Bun.sleep(100);
        left = (await server.state()).connections;
      }
      expect(left).toBeLessThanOrEqual(5);
    } finally {
      attack.kill();
      await attack.exited;
      rmSync(folder, { recursive: true });
    }
  }, 45_000);
});
