// Names of backends that have addresses of both kinds, of servers that do not tell of one, and sockets behind them.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { networkInterfaces } from "node:os";
import { connectPlain } from "../../src/runtime/bun-connect.ts";
import { dial } from "../../src/upstream/dial.ts";
import type { Resolver } from "../../src/upstream/names.ts";
import { Names } from "../../src/upstream/names.ts";
import { until } from "../lifecycle/harness.ts";

const hasIPv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === "::1"),
);
const never = new AbortController().signal;
const failure = (code: string) => Object.assign(new Error(code), { code });
const silent = () => new Promise<never>(() => {});

/** A resolver that says for each kind of lookup what it is told to, and what it was asked for. */
function resolver(answers: Record<"both" | "4" | "6", () => Promise<readonly string[]>>) {
  const asked: string[] = [];
  const own: Resolver & { asked: string[]; ttl: () => Promise<number> } = {
    asked,
    ttl: async () => 60_000,
    lookup(_, family) {
      const kind = family === undefined ? "both" : (`${family}` as const);
      asked.push(kind);
      return answers[kind]();
    },
    timeToLive: () => own.ttl(),
  };
  return own;
}
const none = () => Promise.reject(failure("ENOTFOUND"));
const given =
  (...addresses: string[]) =>
  () =>
    Promise.resolve(addresses);

describe("a name", () => {
  test("is asked for once as long as it holds, and once by all who ask together", async () => {
    const names = resolver({ both: given("::1", "127.0.0.1", "::1"), 4: none, 6: none });
    const own = new Names(names);
    const all = await Promise.all([own.addressesOf("a.test"), own.addressesOf("a.test")]);
    expect(all).toEqual([
      ["::1", "127.0.0.1"],
      ["::1", "127.0.0.1"],
    ]);
    expect(own.addressesOf("a.test")).toEqual(["::1", "127.0.0.1"]);
    expect(own.addressesOf("127.0.0.9")).toEqual(["127.0.0.9"]);
    expect(names.asked).toEqual(["both"]);
  });

  test("has the addresses of one kind when those of the other cannot be found out about", async () => {
    const servfail = () => Promise.reject(failure("EAI_AGAIN"));
    const names = resolver({ both: servfail, 4: given("127.0.0.1"), 6: servfail });
    expect(await new Names(names).addressesOf("a.test")).toEqual(["127.0.0.1"]);
    const other = resolver({ both: servfail, 4: none, 6: given("::1") });
    expect(await new Names(other).addressesOf("a.test")).toEqual(["::1"]);
  });

  test("does not wait for a server that says nothing of one kind, whose answer counts when it comes", async () => {
    const late = Promise.withResolvers<readonly string[]>();
    const names = resolver({ both: () => late.promise, 4: given("127.0.0.1"), 6: silent });
    const own = new Names(names, 1);
    expect(await own.addressesOf("a.test")).toEqual(["127.0.0.1"]);
    late.resolve(["::1", "127.0.0.1"]);
    await until(() => (own.addressesOf("a.test") as readonly string[]).length === 2);
    expect(names.asked).toEqual(["both", "4", "6"]);
  });

  test("that is none is not asked for three times", async () => {
    const names = resolver({ both: none, 4: none, 6: none });
    const own = new Names(names);
    await expect(async () => own.addressesOf("a.test")).toThrow("ENOTFOUND");
    await expect(async () => own.addressesOf("a.test")).toThrow("ENOTFOUND");
    expect(names.asked).toEqual(["both", "both"]);
  });

  test("says what both kinds failed with, not that there is none of one", async () => {
    const servfail = () => Promise.reject(failure("EAI_AGAIN"));
    const names = resolver({ both: servfail, 4: servfail, 6: none });
    await expect(async () => new Names(names).addressesOf("a.test")).toThrow("EAI_AGAIN");
  });

  test("that nobody answers for is not waited for beyond the signal", async () => {
    const control = new AbortController();
    const own = new Names(resolver({ both: silent, 4: silent, 6: silent }), 1);
    const endpoint = { name: "http://a.test", host: "a.test", port: 1, unix: undefined };
    const outcome = dial(endpoint, connectPlain, control.signal, (host) => own.addressesOf(host));
    control.abort(new Error("out of time"));
    await expect(outcome).rejects.toThrow("out of time");
  });

  test("goes on when nobody says how long it holds, and with its last answer while nobody answers", async () => {
    const names = resolver({ both: given("127.0.0.1"), 4: none, 6: none });
    names.ttl = () => Promise.reject(failure("ETIMEOUT"));
    const own = new Names(names);
    expect(await own.addressesOf("a.test")).toEqual(["127.0.0.1"]);
    expect(own.addressesOf("a.test")).toEqual(["127.0.0.1"]);
  });
});

describe("sockets", () => {
  let listener: Bun.TCPSocketListener<undefined>;
  let six: Bun.TCPSocketListener<undefined> | undefined;
  const open = new Set<unknown>();
  const handlers = {
    open: (socket: { write(text: string): number; localAddress: string }) => {
      open.add(socket);
      socket.write(socket.localAddress.includes("127.0.0.1") ? "4" : "6");
    },
    close: (socket: unknown) => void open.delete(socket),
    data() {},
  };
  beforeAll(() => {
    listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: handlers as never });
    if (!hasIPv6) return;
    six = Bun.listen({ hostname: "::1", port: listener.port, socket: handlers as never });
  });
  afterAll(() => {
    listener.stop(true);
    six?.stop(true);
  });

  /** What the server says that is connected to. */
  async function said(...addresses: string[]): Promise<string> {
    const own = new Names(resolver({ both: given(...addresses), 4: none, 6: none }));
    const endpoint = { name: "a", host: "a.test", port: listener.port, unix: undefined };
    const socket = await dial(endpoint, connectPlain, never, (host) => own.addressesOf(host));
    const text = await new Promise<string>((resolve) => {
      socket.handler = {
        data: (bytes) => resolve(new TextDecoder().decode(bytes)),
        end() {},
        drain() {},
        close() {},
      };
    });
    socket.destroy();
    return text;
  }

  test("the first address is taken when it answers", async () => {
    // Where there is no IPv6 the second one is.
    expect(await said("::1", "127.0.0.1")).toBe(hasIPv6 ? "6" : "4");
    expect(await said("127.0.0.1", "::1")).toBe("4");
  });

  test("the other kind when the first refuses, or says nothing", async () => {
    // Nobody listens on the documentation's networks (RFC 3849, RFC 5737).
    expect(await said("2001:db8::1", "127.0.0.1")).toBe("4");
    expect(await said("192.0.2.1", "127.0.0.1")).toBe("4");
  });

  test("nothing stays open of those that lost", async () => {
    const control = new AbortController();
    const own = new Names(resolver({ both: given("127.0.0.1", "127.0.0.1"), 4: none, 6: none }));
    const endpoint = { name: "a", host: "a.test", port: listener.port, unix: undefined };
    const outcome = dial(endpoint, connectPlain, control.signal, (host) => own.addressesOf(host));
    control.abort(new Error("out of time"));
    await expect(outcome).rejects.toThrow("out of time");
    await until(() => open.size === 0);
  });
});
