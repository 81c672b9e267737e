import { createSocket } from "node:dgram";
import { createServer } from "node:net";

/** A record as a zone has it. */
export type ZoneRecord = { ttl?: number } & (
  | { a: string }
  | { aaaa: string }
  | { cname: string }
  | { srv: [priority: number, weight: number, port: number, target: string] }
);

/** A DNS server with a zone that tests change while it runs. */
export interface DnsServer extends AsyncDisposable {
  readonly port: number;
  /** By name, in lower case. */
  readonly zone: Map<string, ZoneRecord[]>;
  /** `NAME TYPE` of every question over UDP, and `tcp NAME TYPE`. */
  readonly asked: string[];
  /** What it answers instead: a code such as 2 (SERVFAIL), nothing, or a forged answer before the true one. */
  mood: "well" | "silent" | "forged" | number;
  /** Names that cannot be found out about (SERVFAIL), or `NAME TYPE` for one kind of record. */
  readonly failing: Set<string>;
  /** Adds the addresses of SRV targets to answers. */
  generous: boolean;
}

const TYPES: Record<number, string> = { 1: "A", 28: "AAAA", 33: "SRV" };

export async function startDnsServer(): Promise<DnsServer> {
  const udp = createSocket("udp4");
  const tcp = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (bytes: Buffer) => {
      const answer = answerTo(bytes.subarray(2), "tcp ");
      if (answer === undefined) return;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(answer.length);
      // In pieces, as it may come.
      socket.write(Buffer.concat([length.subarray(0, 1)]));
      setTimeout(() => socket.write(Buffer.concat([length.subarray(1), answer])), 2);
    });
  });
  const server = {
    port: 0,
    zone: new Map<string, ZoneRecord[]>(),
    asked: [] as string[],
    mood: "well" as DnsServer["mood"],
    failing: new Set<string>(),
    generous: true,
    async [Symbol.asyncDispose]() {
      udp.close();
      await new Promise((resolve) => tcp.close(resolve));
    },
  };
  const answerTo = (query: Buffer, over = ""): Buffer | undefined => {
    let end = 12;
    const labels: string[] = [];
    for (let size = query[end] as number; size > 0; size = query[end] as number) {
      labels.push(query.toString("latin1", end + 1, end + 1 + size));
      end += size + 1;
    }
    const type = TYPES[query.readUInt16BE(end + 1)] ?? "?";
    const question = query.subarray(12, end + 5);
    const name = labels.join(".").toLowerCase();
    server.asked.push(`${over}${name} ${type}`);
    if (server.mood === "silent") return undefined;
    const chain = follow(server.zone, name, type);
    const known = server.zone.has(name) ? 0 : 3;
    const fails = server.failing.has(name) || server.failing.has(`${name} ${type}`);
    const code = typeof server.mood === "number" ? server.mood : fails ? 2 : known;
    const extra: [string, ZoneRecord][] = server.generous
      ? chain.flatMap(([, one]) =>
          "srv" in one
            ? (server.zone.get(one.srv[3]) ?? []).map((r): [string, ZoneRecord] => [one.srv[3], r])
            : [],
        )
      : [];
    const answers = code === 0 ? chain : [];
    const head = Buffer.alloc(12);
    query.copy(head, 0, 0, 2);
    head.writeUInt16BE(0x8180 | code, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(answers.length, 6);
    head.writeUInt16BE(extra.length, 10);
    const body = [...answers, ...extra].map(([owner, record]) => encode(owner, record, name));
    const whole = Buffer.concat([head, question, ...body]);
    if (over !== "" || whole.length <= 1232) return whole;
    head.writeUInt16BE(0x8380, 2);
    head.writeUInt16BE(0, 6);
    return Buffer.concat([head, question]);
  };
  udp.on("message", (query, from) => {
    const answer = answerTo(query);
    if (answer === undefined) return;
    if (server.mood === "forged") {
      const forged = Buffer.from(answer);
      forged.writeUInt16BE((answer.readUInt16BE(0) + 1) & 0xffff, 0);
      forged[forged.length - 1] = 66;
      udp.send(forged, from.port, from.address);
      udp.send(Buffer.from("no DNS at all"), from.port, from.address);
    }
    udp.send(answer, from.port, from.address);
  });
  // Both on one port.
  await new Promise<void>((resolve) => tcp.listen(0, "127.0.0.1", resolve));
  server.port = (tcp.address() as { port: number }).port;
  await new Promise<void>((resolve) => udp.bind(server.port, "127.0.0.1", resolve));
  return server;
}

function follow(zone: DnsServer["zone"], name: string, type: string): [string, ZoneRecord][] {
  const found: [string, ZoneRecord][] = [];
  for (const record of zone.get(name) ?? []) {
    if ("cname" in record) found.push([name, record], ...follow(zone, record.cname, type));
    else if (type.toLowerCase() in record) found.push([name, record]);
  }
  return found;
}

function encode(owner: string, record: ZoneRecord, asked: string): Buffer {
  const head = Buffer.alloc(10);
  const [type, data] =
    "a" in record
      ? [1, Buffer.from(record.a.split(".").map(Number))]
      : "aaaa" in record
        ? [28, Buffer.from(record.aaaa.replaceAll(":", ""), "hex")]
        : "cname" in record
          ? [5, names(record.cname)]
          : [33, service(record.srv)];
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(1, 2);
  head.writeUInt32BE(record.ttl ?? 60, 4);
  head.writeUInt16BE(data.length, 8);
  // The name that was asked for is a pointer (RFC 1035 4.1.4).
  const name = owner === asked ? Buffer.from([0xc0, 12]) : names(owner.toUpperCase());
  return Buffer.concat([name, head, data]);
}

function service([priority, weight, port, target]: [number, number, number, string]): Buffer {
  const head = Buffer.alloc(6);
  for (const [i, value] of [priority, weight, port].entries()) head.writeUInt16BE(value, 2 * i);
  return Buffer.concat([head, names(target)]);
}

function names(name: string): Buffer {
  const labels = name === "" ? [] : name.split(".");
  return Buffer.concat([
    ...labels.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0]),
  ]);
}
