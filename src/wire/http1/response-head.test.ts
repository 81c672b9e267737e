import { describe, expect, test } from "bun:test";
import { CHUNKED, UNTIL_CLOSE } from "./content.ts";
import type { ResponseHead } from "./response-head.ts";
import { parseResponseHead } from "./response-head.ts";

const limits = { headerBytes: 512, headerCount: 6 };
const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

function parse(text: string, method = "GET") {
  return parseResponseHead(bytes(text), 0, limits, method);
}

/** In short: status, length and whether the connection goes on; or the problem; or that there is more to come. */
function outcome(text: string, method?: string): string {
  const head = parse(text, method);
  if (head === undefined) return "more";
  if ("code" in head) return head.code;
  const length = { [CHUNKED]: "chunked", [UNTIL_CLOSE]: "close" }[head.length] ?? head.length;
  return `${head.status} ${length} ${head.keepAlive ? "keep" : "end"}`;
}

const OK = "HTTP/1.1 200 OK\r\n";

test.each([
  // RFC 9112 4: the status line
  ["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "200 5 keep"],
  ["HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\n", "200 5 keep"],
  ["HTTP/1.1 200\r\nContent-Length: 5\r\n\r\n", "200 5 keep"],
  ["HTTP/1.1 200 \xe9t\xe9\r\nContent-Length: 5\r\n\r\n", "200 5 keep"],
  ["HTTP/1.2 299 Odd\r\nContent-Length: 5\r\n\r\n", "299 5 keep"],
  ["HTTP/2.0 200 OK\r\n\r\n", "status_line"],
  ["http/1.1 200 OK\r\n\r\n", "status_line"],
  ["HTTP/1.1  200 OK\r\n\r\n", "status_line"],
  ["HTTP/1.1 20 OK\r\n\r\n", "status_line"],
  ["HTTP/1.1 2000 OK\r\n\r\n", "status_line"],
  ["HTTP/1.1 099 OK\r\n\r\n", "status_line"],
  ["HTTP/1.1 2x0 OK\r\n\r\n", "status_line"],
  ["\r\nHTTP/1.1 200 OK\r\n\r\n", "status_line"],
  ["<html>", "status_line"],
  ["HTTP/1.1 200 O\0K\r\n\r\n", "line_end"],
  ["HTTP/1.1 200 OK\n\n", "line_end"],
  ["HTTP/1.1 200 OK\r\r\n", "line_end"],
  // RFC 9112 5: fields
  [`${OK}A: b\n\r\n`, "line_end"],
  [`${OK}A : b\r\n\r\n`, "field_name"],
  [`${OK}: b\r\n\r\n`, "field_name"],
  [`${OK}A: b\r\n c\r\n\r\n`, "obs_fold"],
  [`${OK}A: b\0\r\n\r\n`, "field_value"],
  [`${OK}${"A: b\r\n".repeat(7)}\r\n`, "too_many_headers"],
  [`${OK}A: ${"b".repeat(600)}\r\n\r\n`, "header_too_large"],
  // RFC 9112 6.1, 6.2 and 6.3: framing
  [`${OK}\r\n`, "200 close end"],
  [`${OK}Content-Length: 0\r\n\r\n`, "200 0 keep"],
  [`${OK}Content-Length: 5\r\nContent-Length: 5\r\n\r\n`, "content_length_repeated"],
  [`${OK}Content-Length: 5, 5\r\n\r\n`, "content_length"],
  [`${OK}Content-Length: +5\r\n\r\n`, "content_length"],
  [`${OK}Content-Length: 5 5\r\n\r\n`, "content_length"],
  [`${OK}Content-Length:\r\n\r\n`, "content_length"],
  [`${OK}Transfer-Encoding: chunked\r\n\r\n`, "200 chunked keep"],
  [`${OK}Transfer-Encoding: Chunked\r\n\r\n`, "200 chunked keep"],
  [`${OK}Transfer-Encoding: gzip, chunked\r\n\r\n`, "transfer_encoding"],
  [`${OK}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`, "transfer_encoding"],
  [`${OK}Transfer-Encoding: identity\r\n\r\n`, "transfer_encoding"],
  [`${OK}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n`, "length_and_encoding"],
  ["HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "encoding_in_http10"],
  // RFC 9110 6.4.1: statuses without content
  ["HTTP/1.1 204 No Content\r\n\r\n", "204 0 keep"],
  ["HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "304 0 keep"],
  ["HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", "103 0 keep"],
  // RFC 9112 9.3: persistence
  [`${OK}Connection: close\r\nContent-Length: 5\r\n\r\n`, "200 5 end"],
  [`${OK}Connection: Keep-Alive, Close\r\nContent-Length: 5\r\n\r\n`, "200 5 end"],
  ["HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", "200 5 end"],
  ["HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\n", "200 5 keep"],
])("%j", (text, expected) => {
  expect(outcome(text)).toBe(expected);
  // However it arrives, the outcome is the same, and none comes before its bytes.
  let first = "more";
  for (let end = 0; end <= text.length && first === "more"; end++)
    first = outcome(text.slice(0, end));
  expect(first).toBe(expected);
});

test("a response to HEAD has no content, and its length is not believed", () => {
  expect(outcome(`${OK}Content-Length: 5\r\n\r\n`, "HEAD")).toBe("200 0 keep");
  expect(outcome(`${OK}Transfer-Encoding: chunked\r\n\r\n`, "HEAD")).toBe("200 0 keep");
  expect(outcome(`${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`, "HEAD")).toBe(
    "length_and_encoding",
  );
});

describe("what a head says", () => {
  test("fields in order, with their case, and where the content begins", () => {
    const text = `${OK}Set-Cookie: a=1\r\nset-cookie:  b=2 \t\r\nContent-Length: 1\r\n\r\nx`;
    const { headers, end } = parse(text) as ResponseHead;
    expect(headers.flat).toEqual(["Set-Cookie", "a=1", "set-cookie", "b=2", "Content-Length", "1"]);
    expect(text.slice(end)).toBe("x");
  });

  test("the upgrade counts only where Connection names it (RFC 9110 7.8)", () => {
    const line = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\n";
    const upgrade = (more: string) => (parse(`${line}${more}\r\n`) as ResponseHead).upgrade;
    expect(upgrade("Connection: Upgrade\r\n")).toBe("WebSocket");
    expect(upgrade("")).toBeUndefined();
  });
});
