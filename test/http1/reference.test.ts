import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { exchangeRaw, parseResponses } from "../support/raw-client.ts";
import { cases } from "./cases.ts";

/** The table against node:http under Node: where two independent parsers agree, the table is not our own opinion. */
let port: number;
let child: Bun.Subprocess<"pipe", "pipe", "inherit">;

beforeAll(async () => {
  const script = new URL("reference-server.mjs", import.meta.url).pathname;
  child = Bun.spawn(["node", script], { stdin: "pipe", stdout: "pipe", stderr: "inherit" });
  const first = await child.stdout.getReader().read();
  port = Number(new TextDecoder().decode(first.value));
});
afterAll(async () => {
  child.kill();
  await child.exited;
});

describe.concurrent("node:http agrees", () => {
  for (const item of cases.filter((one) => one.ours === undefined)) {
    test(`${item.clause}: ${item.name}`, async () => {
      const { text } = await exchangeRaw(port, item.send, { halfClose: item.halfClose ?? false });
      const refused = (item.status[0] as number) >= 400;
      const statuses = parseResponses(text, item.methods).map((answer) => answer.status);
      // Node answers some of what it refuses by closing alone, and all of it with 400 or 431.
      if (refused) expect(statuses.filter((status) => status < 400)).toEqual([]);
      else expect(statuses).toEqual([...item.status]);
    });
  }
});
