import { expect, test } from "bun:test";
import type { SharedCall, SharedResult } from "./shared-calls.ts";
import { fitsSlot, SharedCalls, TICKETS } from "./shared-calls.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (input: Uint8Array | undefined) => new TextDecoder().decode(input);

function callOf(ticket: number, id: number, input: Uint8Array | undefined): SharedCall {
  const times = { cpuMs: 1.5, callMs: 20, deadline: 1e9 + 0.25 };
  const isSent = input === undefined;
  return { ticket, id, sandbox: 7, entry: 3, session: 2, audited: true, input, isSent, ...times };
}

function bothSides() {
  const server = new SharedCalls();
  const call = callOf(0, 0, undefined);
  const result: SharedResult = {
    isSent: false,
    id: 0,
    ranMs: 0,
    memoryBytes: 0,
    output: bytes(""),
  };
  return { server, thread: new SharedCalls(server.buffer), call, result };
}

test("calls arrive in order and whole, and only who sleeps is woken", () => {
  const { server, thread, call } = bothSides();
  expect(server.offer(callOf(5, 100, bytes("first")))).toBe(true);
  expect(server.offer(callOf(6, 101, undefined))).toBe(false);
  expect(thread.take(call)).toBe(true);
  expect(text(call.input)).toBe("first");
  expect(call).toMatchObject(callOf(5, 100, call.input));
  expect(thread.take(call)).toBe(true);
  expect(call).toEqual(callOf(6, 101, undefined));
  expect(thread.take(call)).toBeUndefined();
  expect(server.offer(callOf(5, 102, bytes("")))).toBe(true);
  expect(thread.take(call)).toBe(true);
  expect(call.input?.byteLength).toBe(0);
});

test("a call is taken back or begun, never both, and its place is free again", () => {
  const { server, thread, call } = bothSides();
  server.offer(callOf(5, 100, bytes("old")));
  expect(server.revoke(5, 100)).toBe(true);
  server.offer(callOf(5, 101, bytes("new")));
  expect(thread.take(call)).toBe(false);
  expect(call.id).toBe(100);
  expect(thread.take(call)).toBe(true);
  expect([call.id, text(call.input)]).toEqual([101, "new"]);
  server.offer(callOf(6, 102, undefined));
  expect(server.revoke(6, 102)).toBe(true);
  expect([thread.take(call), call.isSent]).toEqual([false, true]);
  expect(server.revoke(5, 101)).toBe(false);
});

test("there is no room for ever more calls that are taken back", () => {
  const { server, thread, call } = bothSides();
  const hasRoom = () => server.hasRoom;
  let offered = 0;
  for (; hasRoom(); offered++) {
    server.offer(callOf(0, offered + 1, undefined));
    server.revoke(0, offered + 1);
    expect(offered).toBeLessThan(100_000);
  }
  expect(offered).toBeGreaterThan(TICKETS);
  expect(thread.take(call)).toBe(false);
  expect(hasRoom()).toBe(true);
});

test("results come back, of which the server is told once", () => {
  const { server, thread, result } = bothSides();
  expect(thread.tell()).toBe(false);
  // Many times around.
  for (let round = 1; round < 1000; round++) {
    thread.give(3, round, 0.5, 65_536, bytes(`answer ${round}`));
    expect(thread.tell()).toBe(true);
    thread.give(4, -round, 0.25, 0, bytes(""));
    expect(thread.untold).toBe(1);
    // The server has not looked yet.
    expect(thread.tell()).toBe(false);
    server.heard();
    expect(server.read(result, false)).toBe(true);
    const { output, ...numbers } = result;
    expect(numbers).toEqual({ isSent: false, id: round, ranMs: 0.5, memoryBytes: 65_536 });
    // A copy: the place is another's soon.
    thread.give(3, 0, 0, 0, bytes("other"));
    expect(text(output)).toBe(`answer ${round}`);
    expect([server.read(result, false), result.id, result.output.byteLength]).toEqual([
      true,
      -round,
      0,
    ]);
    expect(server.read(result, false)).toBe(true);
    expect(server.read(result, false)).toBe(false);
    thread.tell();
    server.heard();
  }
});

test("what is long, or no bytes, is sent", () => {
  expect([fitsSlot(new Uint8Array(4096)), fitsSlot(new Uint8Array(4097))]).toEqual([true, false]);
  expect([fitsSlot(undefined), fitsSlot(5), fitsSlot("text")]).toEqual([false, false, false]);
});

test("what is sent keeps its place among the results", () => {
  const { server, thread, result } = bothSides();
  thread.give(1, 100, 0, 0, bytes("first"));
  thread.giveSent(2);
  thread.give(3, 102, 0, 0, bytes("third"));
  expect(thread.untold).toBe(3);
  expect(server.read(result, false)).toBe(true);
  expect(result).toMatchObject({ isSent: false, id: 100 });
  // It has not come yet, and those behind it wait.
  expect(server.read(result, false)).toBe(false);
  expect(server.read(result, true)).toBe(true);
  expect(result.isSent).toBe(true);
  expect(server.read(result, false)).toBe(true);
  expect(result).toMatchObject({ isSent: false, id: 102 });
  expect(server.read(result, true)).toBe(false);
});
