import { describe, expect, test } from "bun:test";
import { EventStreamDecoder } from "./sse-decoder.ts";
import { encodeComment, encodeEvent } from "./sse.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("encoding", () => {
  test("every field, and data of several lines", () => {
    expect(encodeEvent({ event: "tick", id: "7", retry: 1000, data: "a\nb\r\nc\rd" })).toBe(
      "event: tick\nid: 7\nretry: 1000\ndata: a\ndata: b\ndata: c\ndata: d\n\n",
    );
    expect(encodeEvent({ data: "" })).toBe("data: \n\n");
    expect(encodeEvent({ data: " x\n" })).toBe("data:  x\ndata: \n\n");
    expect(encodeEvent({ id: "" })).toBe("id: \n\n");
    expect(encodeComment()).toBe(": \n\n");
    expect(encodeComment("a\ndata: b")).toBe(": a\n: data: b\n\n");
  });

  test("nothing can begin another field", () => {
    expect(() => encodeEvent({ event: "a\ndata: b" })).toThrow("one line");
    expect(() => encodeEvent({ id: "a\rb" })).toThrow("one line");
    expect(() => encodeEvent({ id: "a\0" })).toThrow("NUL");
    for (const retry of [-1, 1.5, NaN, Infinity]) {
      expect(() => encodeEvent({ retry })).toThrow("whole number");
    }
  });
});

describe("decoding", () => {
  const rows: [what: string, text: string, events: string[]][] = [
    // HTML 9.2.6, the examples
    ["two lines", "data: YHOO\ndata: +2\ndata: 10\n\n", ["message|YHOO\n+2\n10|"]],
    [
      "four blocks",
      ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
      ["message|first event|1", "message|second event|", "message| third event|"],
    ],
    ["no content", "data\n\ndata\ndata\n\ndata:", ["message||", "message|\n|"]],
    ["one space", "data:test\n\ndata: test\n\n", ["message|test|", "message|test|"]],
    // more
    ["CRLF", "event: a\r\ndata: 1\r\n\r\n", ["a|1|"]],
    ["CR", "event: a\rdata: 1\r\r", ["a|1|"]],
    [
      "CR that ends it all, then more",
      "data: 1\r\r\ndata: 2\r\n\r\n",
      ["message|1|", "message|2|"],
    ],
    ["a byte order mark", "\ufeffdata: 1\n\n", ["message|1|"]],
    ["unknown fields", "x: 1\n data: 2\nDATA: 3\n\n", []],
    ["an event without data", "event: a\n\ndata: 1\n\n", ["message|1|"]],
    ["an id that stays", "id: 1\ndata: a\n\ndata: b\n\n", ["message|a|1", "message|b|1"]],
    ["an id with NUL", "id: 1\n\nid: 2\0\ndata: a\n\n", ["message|a|1"]],
    ["an end that came too soon", "data: 1\n", []],
    ["no ASCII", "data: ü€😀\n\n", ["message|ü€😀|"]],
  ];
  test.each(rows)("%s", (_, text, events) => {
    const whole = bytes(text);
    for (const size of [1, 2, 3, 7, 1000]) {
      const decoder = new EventStreamDecoder();
      const seen: string[] = [];
      for (let at = 0; at < whole.length; at += size) {
        for (const event of decoder.push(whole.subarray(at, at + size))) {
          seen.push(`${event.event}|${event.data}|${event.lastEventId}`);
        }
      }
      expect(seen).toEqual(events);
    }
  });

  test("what was encoded, whatever it was", () => {
    const decoder = new EventStreamDecoder();
    const sent = { event: "a b", id: "x:1", retry: 50, data: ": a\n\n data: b\n" };
    const text = encodeComment("hello") + encodeEvent(sent) + encodeEvent({ retry: 60 });
    const got = decoder.push(bytes(text));
    expect(got).toEqual([{ event: "a b", data: sent.data, lastEventId: "x:1" }]);
    expect([decoder.retry, decoder.lastEventId]).toEqual([60, "x:1"]);
    decoder.push(bytes("retry: 1s\nretry: -1\nretry:\n\n"));
    expect(decoder.retry).toBe(60);
  });

  test("an event that never ends is refused", () => {
    const line = new EventStreamDecoder(100);
    expect(() => line.push(bytes("x".repeat(101)))).toThrow(RangeError);
    const data = new EventStreamDecoder(100);
    expect(() => data.push(bytes("data: xxxxxxxxx\n".repeat(12)))).toThrow(RangeError);
    const fine = new EventStreamDecoder(100);
    expect(fine.push(bytes("data: xxxxxxxxx\n\n".repeat(12)))).toHaveLength(12);
  });
});
