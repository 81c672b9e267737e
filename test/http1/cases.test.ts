import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Server } from "../../src/server/serve.ts";
import { serve } from "../../src/server/serve.ts";
import { echoApp } from "../support/echo-app.ts";
import type { RawResponse, Split } from "../support/raw-client.ts";
import { exchangeRaw, parseResponses } from "../support/raw-client.ts";
import type { Http1Case } from "./cases.ts";
import { cases } from "./cases.ts";

let server: Server;

beforeAll(async () => {
  server = await serve(echoApp(), { port: 0, limits: { bodyBytes: 1_500_000 } });
});
afterAll(() => server.close());

async function run(item: Http1Case, split: Split): Promise<void> {
  const { text, closed } = await exchangeRaw(server.port, item.send, {
    split,
    halfClose: item.halfClose ?? false,
    expected: (soFar) => isWhole(soFar, item),
  });
  const answers = answersIn(text, item);
  expect(answers.map((answer) => answer.status)).toEqual([...item.status]);
  const last = answers.at(-1);
  const seen = `${last?.head}\r\n\r\n${last?.body}\r\n${last?.trailers}`;
  if (item.has !== undefined) expect(seen).toContain(item.has);
  if (item.lacks !== undefined) expect(seen).not.toContain(item.lacks);
  if (item.closes !== undefined) expect(closed).toBe(item.closes);
}

function answersIn(text: string, { status, methods }: Http1Case): RawResponse[] {
  // What follows a takeover is not HTTP.
  const taken = status[0] === 101;
  return parseResponses(taken ? text.slice(0, text.indexOf("\r\n\r\n") + 4) : text, methods);
}

function isWhole(text: string, item: Http1Case): boolean {
  try {
    return answersIn(text, item).length >= item.status.length;
  } catch {
    return false;
  }
}

describe.concurrent("HTTP/1.1 on a raw socket", () => {
  for (const item of cases) {
    test(`${item.clause}: ${item.name}`, () => run(item, "whole"));
  }
});

describe.concurrent("HTTP/1.1 byte by byte", () => {
  for (const item of cases.filter((one) => one.send.length < 3_000 && !one.onePiece)) {
    test(`${item.clause}: ${item.name}`, () => run(item, "bytes"));
  }
});
