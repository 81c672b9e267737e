import { describe, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { connect } from "node:tls";
import type { ClientHello, ClientHelloError } from "./client-hello.ts";
import { ClientHelloReader } from "./client-hello-reader.ts";

/** The bytes of a real client's first flight. */
function capture(start: (port: number) => { stop(): void }): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      const reader = new ClientHelloReader();
      socket.on("data", (chunk) => {
        if (reader.push(new Uint8Array(chunk as Buffer)) === undefined) return;
        socket.destroy();
        server.close();
        client.stop();
        resolve(reader.received);
      });
    });
    let client: { stop(): void };
    server.listen(0, "127.0.0.1", () => {
      client = start((server.address() as AddressInfo).port);
    });
  });
}

function program(command: string, ...args: string[]): { stop(): void } {
  const child = spawn(command, args, { stdio: "ignore" });
  return { stop: () => void child.kill() };
}

const whole = (bytes: Uint8Array): ClientHello | undefined => new ClientHelloReader().push(bytes);

function piecemeal(bytes: Uint8Array): ClientHello | undefined {
  const reader = new ClientHelloReader();
  for (let at = 0; at < bytes.length; at++) {
    const hello = reader.push(bytes.subarray(at, at + 1));
    if (hello !== undefined) {
      expect(reader.received.length).toBe(at + 1);
      return hello;
    }
  }
  return undefined;
}

describe("real clients", () => {
  test("node:tls", async () => {
    const bytes = await capture((port) => {
      const options = {
        port,
        host: "127.0.0.1",
        servername: "API.example.com",
        ALPNProtocols: ["h2", "http/1.1"],
        rejectUnauthorized: false,
      };
      const socket = connect(options);
      socket.on("error", () => {});
      return { stop: () => socket.destroy() };
    });
    const hello = whole(bytes);
    expect(hello?.serverName).toBe("api.example.com");
    expect(hello?.alpn).toEqual(["h2", "http/1.1"]);
    expect(hello?.versions).toContain(0x0304);
    expect(piecemeal(bytes)).toEqual(hello as ClientHello);
  });

  test("curl", async () => {
    const bytes = await capture((port) =>
      program(
        "curl",
        "-sk",
        "--connect-to",
        `shop.example.org:443:127.0.0.1:${port}`,
        "https://shop.example.org/",
      ),
    );
    expect(whole(bytes)?.serverName).toBe("shop.example.org");
    expect(whole(bytes)?.alpn).toContain("http/1.1");
  });

  test("openssl with TLS 1.2, and without a name", async () => {
    const bytes = await capture((port) =>
      program("openssl", "s_client", "-connect", `127.0.0.1:${port}`, "-noservername", "-tls1_2"),
    );
    expect(whole(bytes)).toEqual({ serverName: undefined, alpn: [], versions: [0x0303] });
  });
});

const u16 = (value: number): number[] => [value >> 8, value & 0xff];
const ascii = (text: string): number[] => Array.from(text, (one) => one.charCodeAt(0));
const extension = (type: number, ...data: number[]): number[] => [
  ...u16(type),
  ...u16(data.length),
  ...data,
];
const sni = (name: string): number[] =>
  extension(0, ...u16(name.length + 3), 0, ...u16(name.length), ...ascii(name));

interface Parts {
  session?: number;
  suites?: number[];
  extensions?: number[] | undefined;
  after?: number[];
}

function message({ session = 32, suites = [0x13, 1], extensions, after = [] }: Parts): number[] {
  const body = [
    3,
    3,
    ...Array<number>(32).fill(7),
    session,
    ...Array<number>(session).fill(1),
    ...u16(suites.length),
    ...suites,
    1,
    0,
    ...(extensions === undefined ? [] : [...u16(extensions.length), ...extensions]),
    ...after,
  ];
  return [1, 0, ...u16(body.length), ...body];
}

function records(bytes: readonly number[], size: number): Uint8Array {
  const out: number[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    const part = bytes.slice(at, at + size);
    out.push(22, 3, 1, ...u16(part.length), ...part);
  }
  return Uint8Array.from(out);
}

const hello = (parts: Parts): Uint8Array => records(message(parts), 16_384);

function codeOf(bytes: Uint8Array): string {
  const results = [whole, piecemeal].map((read) => {
    try {
      return read(bytes) === undefined ? "waits" : "read";
    } catch (error) {
      return (error as ClientHelloError).code;
    }
  });
  expect(results[0]).toBe(results[1] as string);
  return results[0] as string;
}

test("spread over records of every size", () => {
  const bytes = message({ extensions: sni("a.example") });
  for (let size = 2; size <= bytes.length; size++) {
    expect(whole(records(bytes, size))?.serverName).toBe("a.example");
  }
  expect(piecemeal(records(bytes, 3))?.serverName).toBe("a.example");
});

test("GREASE is no protocol and no version", () => {
  const extensions = [
    ...extension(0x5a5a),
    ...extension(16, 0, 6, 2, 0xaa, 0xaa, 2, ...ascii("h2")),
    ...extension(43, 6, 0x1a, 0x1a, 3, 4, 3, 3),
    ...extension(0xfafa, 0),
  ];
  expect(whole(hello({ extensions }))).toEqual({
    serverName: undefined,
    alpn: ["h2"],
    versions: [0x0304, 0x0303],
  });
});

test("a hello without extensions", () => {
  expect(whole(hello({}))).toEqual({ serverName: undefined, alpn: [], versions: [0x0303] });
});

test.each([
  ["HTTP", Uint8Array.from(ascii("GET / HTTP/1.1\r\n")), "tls_not_tls"],
  ["SSL 2", Uint8Array.of(0x80, 0x2e, 1, 3, 1), "tls_not_tls"],
  ["another major version", Uint8Array.of(22, 2, 0, 0, 9), "tls_not_tls"],
  ["an alert", Uint8Array.of(21, 3, 1, 0, 2, 1, 0), "tls_not_tls"],
  ["an empty record", Uint8Array.of(22, 3, 1, 0, 0), "tls_hello_malformed"],
  ["a record that is too long", Uint8Array.of(22, 3, 1, 0x40, 1), "tls_hello_malformed"],
  ["another message", records([2, 0, 0, 1, 0], 99), "tls_hello_malformed"],
  ["a message that is too large", records([1, 1, 0, 0], 99), "tls_hello_too_large"],
  ["a session of 33", hello({ session: 33 }), "tls_hello_malformed"],
  ["no suites", hello({ suites: [] }), "tls_hello_malformed"],
  ["half a suite", hello({ suites: [1, 2, 3] }), "tls_hello_malformed"],
  ["two names", hello({ extensions: [...sni("a"), ...sni("b")] }), "tls_hello_malformed"],
  ["an empty name", hello({ extensions: sni("") }), "tls_hello_malformed"],
  ["a name with a NUL", hello({ extensions: sni("a\0b") }), "tls_hello_malformed"],
  ["a name with a slash", hello({ extensions: sni("../a") }), "tls_hello_malformed"],
  ["a name that is too long", hello({ extensions: sni("a".repeat(254)) }), "tls_hello_malformed"],
  ["no name in the list", hello({ extensions: extension(0, 0, 0) }), "tls_hello_malformed"],
  ["no protocol in the list", hello({ extensions: extension(16, 0, 0) }), "tls_hello_malformed"],
  ["a protocol of no bytes", hello({ extensions: extension(16, 0, 1, 0) }), "tls_hello_malformed"],
  ["an extension too long", hello({ extensions: [0, 0, 0, 9, 1] }), "tls_hello_malformed"],
  ["bytes at the end", hello({ extensions: [], after: [1] }), "tls_hello_malformed"],
  [
    "a thousand records",
    records([1, 0, 3, 0xe0, ...Array<number>(992).fill(0)], 1),
    "tls_hello_malformed",
  ],
  ["only a beginning", hello({}).subarray(0, 20), "waits"],
])("%s: %s", (_, bytes, code) => {
  expect(codeOf(bytes)).toBe(code);
});

test("a hello that never ends is refused at the limit", () => {
  const reader = new ClientHelloReader(1000);
  const bytes = records([1, 0, 3, 0xe0, ...Array<number>(992).fill(0)], 40);
  expect(() => {
    for (let at = 0; at < bytes.length; at += 50) reader.push(bytes.subarray(at, at + 50));
  }).toThrow("more than 1000 bytes");
});

test("a hello that comes byte by byte is not copied with each of them", () => {
  const bytes = records(message({ suites: Array<number>(30_000).fill(1) }), 1_000);
  const reader = new ClientHelloReader();
  const buffers = new Set<ArrayBufferLike>();
  let read: ClientHello | undefined;
  for (let at = 0; read === undefined && at < bytes.length; at++) {
    read = reader.push(bytes.subarray(at, at + 1));
    buffers.add(reader.received.buffer);
  }
  expect(read?.versions).toEqual([0x0303]);
  expect(reader.received).toEqual(bytes);
  // The room doubles: 1, 2, 4 … 32,768.
  expect(buffers.size).toBeLessThanOrEqual(16);
});

test("what is received is the reader's own", () => {
  const bytes = hello({ extensions: sni("a.example") });
  const chunk = bytes.slice(0, 40);
  const reader = new ClientHelloReader();
  reader.push(chunk);
  chunk.fill(0);
  expect(reader.push(bytes.subarray(40))?.serverName).toBe("a.example");
  expect(reader.received).toEqual(bytes);
});

test("random damage ends in a hello, a wait or the one kind of error", () => {
  const good = hello({ extensions: [...sni("a.example"), ...extension(16, 0, 3, 2, 104, 50)] });
  let seed = 11;
  const random = (limit: number): number => (seed = (seed * 48_271) % 0x7fffffff) % limit;
  let refused = 0;
  for (let i = 0; i < 5000; i++) {
    const bytes = good.slice();
    for (let n = 0; n <= random(4); n++) bytes[random(bytes.length)] = random(256);
    try {
      whole(bytes.subarray(0, bytes.length - random(3)));
    } catch (error) {
      expect((error as Error).name).toBe("ClientHelloError");
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(1000);
});
