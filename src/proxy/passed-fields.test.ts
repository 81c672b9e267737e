import { expect, test } from "bun:test";
import { FakeExchange } from "../../test/support/fake-exchange.ts";
import { seededRandom } from "../../test/support/random.ts";
import { Context } from "../core/context.ts";
import { HeaderList } from "../http/header-list.ts";
import { defaultLimits } from "../server/limits.ts";
import { fieldLines, hasDate } from "../wire/http1/fields.ts";
import { isProblem, parseRequestHead } from "../wire/http1/request-head.ts";
import { parseResponseHead } from "../wire/http1/response-head.ts";
import type { ForwardingPolicy } from "./forwarding.ts";
import { replyFields } from "./reply-fields.ts";
import { requestFields } from "./request-fields.ts";

const FIELDS = [
  "Accept: */*",
  "accept-encoding:gzip",
  "Accept-Language:  de \t",
  "Cache-Control: no-store",
  "Connection: close",
  "connection: keep-alive, X-One",
  "Content-Type: text/plain",
  "Cookie: a=1",
  "cookie: b=2",
  "Date: Sat, 21 Nov 2026 10:00:00 GMT",
  "Expect: 100-continue",
  "Forwarded: for=192.0.2.1",
  "If-Modified-Since: x",
  "Keep-Alive: timeout=5",
  "Location: /a",
  "Proxy-Authorization: Basic eA==",
  "Proxy-Connection: keep-alive",
  "Set-Cookie: a=1",
  "Set-Cookie: b=2; Path=/",
  "TE: trailers",
  "Trailer: X-Sum",
  "Upgrade: websocket",
  "User-Agent: test",
  "Via: 1.1 other",
  "X-Empty:",
  "X-Forwarded-For: 192.0.2.1",
  "x-forwarded-host: evil",
  "X-Forwarded-Proto: https",
  "X-Forwarded-Prefix: /x",
  "X-Obs: \xe9\xff",
  "X-One: 1",
  "X_Forwarded-For: 192.0.2.1",
  "x_real_ip: 192.0.2.1",
  "X-Real-IP: 192.0.2.1",
];
const POLICIES: ForwardingPolicy[] = [
  { fields: "x-forwarded", via: "sluice" },
  { fields: "both", via: undefined },
  { fields: "keep", via: "sluice" },
  { fields: "off", via: undefined },
];

const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** Names and values, in order, whatever blanks were around them. */
function told(headers: HeaderList): string[] {
  const lines = fieldLines(headers).split("\r\n");
  expect(lines.pop()).toBe("");
  return lines.map((line) => line.replace(/:[ \t]*/, ": ").trimEnd());
}

// What goes on as it came is what would be made of names and values, one by one.
test("fields that are passed on as they came are those that were judged one by one", () => {
  const random = seededRandom(20261121);
  let asTheyCame = 0;
  for (let round = 0; round < 5_000; round++) {
    const lines = Array.from({ length: random.below(9) }, () => random.pick(FIELDS));
    const fields = lines.map((line) => `${line}\r\n`).join("");
    const policy = random.pick(POLICIES);
    const parse = () =>
      parseRequestHead(bytes(`GET / HTTP/1.1\r\n${fields}Host: a\r\n\r\n`), 0, defaultLimits);
    const head = parse();
    if (head === undefined || isProblem(head)) throw new Error("the request was refused");
    const request = (headers: HeaderList) =>
      requestFields(new Context(Object.assign(new FakeExchange("/"), { headers })), policy);
    const slow = told(request(new HeaderList(head.fields.flat())));
    const passed = request(HeaderList.received(head.fields));
    if (passed.encoded !== undefined) asTheyCame++;
    expect([round, told(passed)]).toEqual([round, slow]);
    // Another head was read meanwhile: the same, on the other way.
    const late = HeaderList.received(head.fields);
    parse();
    expect([round, told(request(late))]).toEqual([round, slow]);

    const text = `HTTP/1.1 200 OK\r\n${fields}Content-Length: 5\r\n\r\n`;
    const answer = parseResponseHead(bytes(text), 0, defaultLimits, "GET");
    if (answer === undefined || "code" in answer) throw new Error("the answer was refused");
    const { received } = answer.headers;
    const made = replyFields(new HeaderList(received?.flat()), false, true);
    const kept = replyFields(answer.headers, false, true);
    if (kept.encoded !== undefined) asTheyCame++;
    expect([round, hasDate(kept), told(kept)]).toEqual([round, hasDate(made), told(made)]);
    const apart = replyFields(HeaderList.received(received as never), false, false);
    expect([round, apart.encoded, told(apart)]).toEqual([round, undefined, told(made)]);
    // Whoever looks finds the same, and may change it.
    expect(kept.flat).toEqual(made.flat);
    kept.append("X-More", "1");
    made.append("X-More", "1");
    expect(told(kept)).toEqual(told(made));
  }
  expect(asTheyCame).toBeGreaterThan(5_000);
});
