import { expect, test } from "bun:test";
import { HeaderList } from "../http/header-list.ts";
import { acceptEncoding, mayBeSpecial, requestFields } from "./request-fields.ts";

test("the fields are found in any case, and their lines joined", () => {
  const headers = new HeaderList([
    "IF-NONE-MATCH",
    '"a"',
    "if-none-match",
    '"b"',
    "Range",
    "bytes=0-1",
    "If-Match",
    "*",
    "if-range",
    '"c"',
    "If-Modified-Since",
    "x",
    "If-Unmodified-Since",
    "y",
  ]);
  expect(mayBeSpecial(headers)).toBe(true);
  expect(requestFields(headers)).toEqual({
    ifNoneMatch: '"a", "b"',
    range: "bytes=0-1",
    ifMatch: "*",
    ifRange: '"c"',
    ifModifiedSince: "x",
    ifUnmodifiedSince: "y",
  });
});

test("names that look alike are left alone", () => {
  const headers = new HeaderList([
    "Rangf",
    "1",
    "Referer",
    "r",
    "Idempotency-Key",
    "i",
    "Accept-Language",
    "en",
    "Accept-Encodinh",
    "x",
    "If-Nope",
    "x",
    "Proxy-Authen",
    "x",
  ]);
  expect(requestFields(headers)).toEqual({});
  expect(acceptEncoding(headers)).toBeUndefined();
  expect(mayBeSpecial(new HeaderList(["Referer", "r", "Idempotency-Key", "i"]))).toBe(false);
});

test("Accept-Encoding in any case, joined", () => {
  const headers = new HeaderList([
    "ACCEPT-ENCODING",
    "gzip",
    "accept-encoding",
    "br",
    "Accept-Encoding",
    "zstd",
  ]);
  expect(acceptEncoding(headers)).toBe("gzip, br, zstd");
});
