import { expect, test } from "bun:test";
import { HeaderList } from "../../http/header-list.ts";
import { sourceFrom } from "../../wire/source.ts";
import type { UpstreamRequest } from "../call.ts";
import { requestFields } from "./request-fields.ts";

const own = { authority: "backend:8080", scheme: "https" } as const;
const request: UpstreamRequest = {
  method: "GET",
  target: "/a?b",
  authority: undefined,
  headers: new HeaderList(),
  body: null,
};

test("pseudo-headers first, names in lower case, nothing that is for a connection", () => {
  const headers = new HeaderList(["X-A", "1", "Connection", "close", "Content-Length", "9"]);
  expect(requestFields({ ...request, headers }, own)).toEqual(
    ":method GET :scheme https :authority backend:8080 :path /a?b x-a 1".split(" "),
  );
});

test("the length where it is known, none where there is no content but could be", () => {
  const last = (more: Partial<UpstreamRequest>) =>
    requestFields({ ...request, ...more }, own).slice(8);
  expect(last({ method: "PUT", body: sourceFrom(["x"], 1) })).toEqual(["content-length", "1"]);
  expect(last({ method: "PUT", body: sourceFrom(["x"]) })).toEqual([]);
  expect(last({ method: "PUT" })).toEqual(["content-length", "0"]);
  expect(last({ body: sourceFrom(["x"]), expectContinue: true, acceptsTrailers: true })).toEqual([
    "expect",
    "100-continue",
    "te",
    "trailers",
  ]);
});

test("an upgrade is an extended CONNECT, without a key (RFC 8441 4 and 5.1)", () => {
  const headers = new HeaderList(["Sec-WebSocket-Key", "x", "Sec-WebSocket-Version", "13"]);
  expect(
    requestFields({ ...request, authority: "a.example", headers, upgrade: "websocket" }, own),
  ).toEqual(
    ":method CONNECT :protocol websocket :scheme https :authority a.example :path /a?b sec-websocket-version 13".split(
      " ",
    ),
  );
});
