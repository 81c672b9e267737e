import { describe, expect, test } from "bun:test";
import { readResponse } from "./response-fields.ts";

test("a status, its fields and its length", () => {
  expect(
    readResponse([":status", "200", "a", "1", "content-length", "12", "a", "2"]),
  ).toMatchObject({
    status: 200,
    headers: { flat: ["a", "1", "content-length", "12", "a", "2"] },
    contentLength: 12,
  });
  expect(readResponse([":status", "599"])).toMatchObject({ contentLength: undefined });
});

describe("is malformed (RFC 9113 8.2.2, 8.3.2, 8.6):", () => {
  test.each([
    ["nothing", []],
    ["no :status", ["a", "1"]],
    [":status behind a field", ["a", "1", ":status", "200"]],
    [":status twice", [":status", "200", ":status", "200"]],
    ["four digits", [":status", "2000"]],
    ["no digits", [":status", "2x0"]],
    ["a status below 100", [":status", "099"]],
    ["101", [":status", "101"]],
    ["another pseudo-header", [":status", "200", ":scheme", "http"]],
    ["connection", [":status", "200", "connection", "x"]],
    ["keep-alive", [":status", "200", "keep-alive", "x"]],
    ["proxy-connection", [":status", "200", "proxy-connection", "x"]],
    ["transfer-encoding", [":status", "200", "transfer-encoding", "chunked"]],
    ["upgrade", [":status", "200", "upgrade", "h2c"]],
    ["a length that is a list", [":status", "200", "content-length", "1, 1"]],
    ["a length that is negative", [":status", "200", "content-length", "-1"]],
    ["a length that is endless", [":status", "200", "content-length", "9".repeat(16)]],
    ["two lengths", [":status", "200", "content-length", "1", "content-length", "1"]],
  ])("%s", (_, flat) => {
    expect(readResponse(flat)).toBeString();
  });
});
