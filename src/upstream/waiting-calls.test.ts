import { expect, test } from "bun:test";
import { HeaderList } from "../http/header-list.ts";
import type { Call } from "./call.ts";
import { UpstreamFault } from "./fault.ts";
import { WaitingCalls } from "./waiting-calls.ts";

interface Told {
  call: Call;
  faults: (string | undefined)[];
}

function callOf(connectMs = 100): Told {
  const told: Told = { faults: [] } as unknown as Told;
  const note = (fault: unknown) => void told.faults.push((fault as UpstreamFault).code);
  told.call = {
    request: {
      method: "GET",
      target: "/",
      authority: undefined,
      headers: new HeaderList(),
      body: null,
    },
    timeouts: { connectMs, firstByteMs: 0, idleMs: 0 },
    inform() {},
    abort: undefined,
    resolve() {},
    reject: note,
    finished: note,
  };
  return told;
}

test("who waits too long is told so once: for a connection to be opened, or to become free", () => {
  const waiting = new WaitingCalls("b", 200);
  const [opening, free, patient] = [callOf(), callOf(), callOf(0)];
  const given: string[] = [];
  waiting.add(opening.call, (fault) => given.push(fault.code));
  waiting.add(free.call, undefined);
  waiting.add(patient.call, () => given.push("patient"));
  waiting.tick(99);
  expect(opening.faults).toEqual([]);
  waiting.tick(1);
  waiting.tick(150);
  waiting.tick(10_000);
  expect(opening.faults).toEqual(["connect_timeout", "connect_timeout"]);
  expect(free.faults).toEqual(["overloaded", "overloaded"]);
  expect(given).toEqual(["connect_timeout"]);
  expect([waiting.length, waiting.connecting]).toEqual([1, 1]);
});

test("who is given up leaves; a fault as the reason is what is told", () => {
  const waiting = new WaitingCalls("b", 200);
  const [one, other, third] = [callOf(), callOf(), callOf()];
  for (const { call } of [one, other, third]) waiting.add(call, undefined);
  one.call.abort?.(new Error("gone"));
  other.call.abort?.(new UpstreamFault("total_timeout", "late", "nothing"));
  expect(one.faults).toEqual(["cancelled", "cancelled"]);
  expect(other.faults).toEqual(["total_timeout", "total_timeout"]);
  expect(waiting.shift()).toBe(third.call);
  expect(third.call.abort).toBeUndefined();
  expect(waiting.shift()).toBeUndefined();
});

test("a connection that failed fails those it was opened for, and nobody else", () => {
  const waiting = new WaitingCalls("b", 200);
  const [opening, free] = [callOf(), callOf()];
  waiting.add(free.call, undefined);
  waiting.add(opening.call, () => {});
  waiting.failConnecting(new UpstreamFault("connect_refused", "no", "nothing"));
  expect(opening.faults).toEqual(["connect_refused", "connect_refused"]);
  expect(free.faults).toEqual([]);
  expect(waiting.shiftQueued()).toBe(free.call);
});
