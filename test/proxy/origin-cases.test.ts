// Everything that an origin can do wrong, through a gateway of a configuration file, for clients of two protocols.
import { describe, expect, test } from "bun:test";
import type { FrontClient } from "../support/front-client.ts";
import { Http1Front, Http2Front } from "../support/front-client.ts";
import { proxyTo, startGateway } from "../support/gateway.ts";
import { startSteeredOrigin } from "../support/steered-origin.ts";
import type { OriginCase } from "./origin-cases.ts";
import { originCases } from "./origin-cases.ts";

/** Nothing is asked again but what met a connection that had been closed while it was idle. */
const settings = (ms: number) => `
timeouts = { first_byte_ms = ${ms}, idle_ms = ${ms} }
retry = { budget_percent = 0, min_per_sec = 0 }
`;

interface Seen {
  outcome: string;
  after: string;
  requests: number;
  got: string | undefined;
  next: string;
}

/** Goes through a case with connections of its own, and then asks for something good. */
async function run(one: OriginCase, open: (port: number) => Promise<FrontClient>): Promise<Seen> {
  await using origin = await startSteeredOrigin();
  await using gateway = await startGateway(
    proxyTo([origin.address], settings(one.impatient ? 400 : 20_000)),
  );
  origin.next.push([...one.steps]);
  let client = await open(gateway.port);
  const outcome = await client.ask(one.request);
  // What comes late comes now: a connection that is to be closed is closed in the end.
  const [upstream] = gateway.upstreams;
  const transport = upstream?.backends[0]?.transport;
  await Bun.sleep(50);
  if (one.after === "front kept" || one.after === "none kept") {
    for (let i = 0; i < 100 && transport?.connections.open !== 0; i++) await Bun.sleep(20);
  }
  const requests = origin.requests.length;
  const got = origin.requests[0]?.body;
  // Of an HTTP/1.1 request that was not sent in full the rest would still have to come.
  const isWhole = one.request.sends === undefined || client instanceof Http2Front;
  const isFrontKept = !client.closed && isWhole;
  if (!isFrontKept) {
    client.end();
    client = await open(gateway.port);
  }
  const next = await client.ask();
  const isBackKept = origin.requests.at(-1)?.connection === 1;
  client.end();
  expect(upstream?.load).toEqual({ inFlight: 0, queued: 0 });
  const after = isFrontKept
    ? isBackKept
      ? "both kept"
      : "front kept"
    : isBackKept
      ? "back kept"
      : "none kept";
  return { outcome, after, requests, got, next };
}

const expected = (one: OriginCase): Seen => ({
  outcome: one.outcome,
  after: one.after,
  requests: 1,
  got: one.got ?? (expect.anything() as unknown as string),
  next: "200 hello",
});

describe("over HTTP/1.1 an origin that", () => {
  test.concurrent.each(originCases.map((one) => [one.name, one] as const))("%s", async (_, one) => {
    expect(await run(one, (port) => Http1Front.open(port))).toEqual(expected(one));
  });
});

describe("over HTTP/2 an origin that", () => {
  const cases = originCases.filter(({ h2 }) => h2 !== false);
  test.concurrent.each(cases.map((one) => [one.name, one] as const))("%s", async (_, one) => {
    const wanted = expected(one);
    // A stream is reset, and the connection goes on.
    const after = wanted.after.replace("none", "front");
    const outcome = typeof one.h2 === "string" ? one.h2 : wanted.outcome;
    expect(await run(one, (port) => Http2Front.open(port))).toEqual({ ...wanted, outcome, after });
  });
});
