/** Types of records that are asked for, and those that lie between (RFC 1035 3.2.2, RFC 3596, RFC 2782). */
export const recordTypes = { A: 1, CNAME: 5, AAAA: 28, SRV: 33, OPT: 41 } as const;

export type RecordType = "A" | "AAAA" | "SRV";

/** Names are in lower case and without a final dot. */
interface RecordFacts {
  readonly name: string;
  /** Seconds. */
  readonly ttl: number;
}

export interface AddressRecord extends RecordFacts {
  readonly type: "A" | "AAAA";
  readonly address: string;
}

export interface AliasRecord extends RecordFacts {
  readonly type: "CNAME";
  readonly target: string;
}

export interface ServiceRecord extends RecordFacts {
  readonly type: "SRV";
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: string;
}

/** What a name has, as far as it is understood here. */
export type DnsRecord = AddressRecord | AliasRecord | ServiceRecord;

/** The records of a type. */
export type RecordOf<T extends RecordType> = T extends "SRV" ? ServiceRecord : AddressRecord;

export interface DnsReply {
  readonly id: number;
  /** RFC 1035 4.1.1 RCODE: 0 is no error, 2 SERVFAIL, 3 NXDOMAIN, 5 REFUSED. */
  readonly code: number;
  /** It did not fit into a datagram. */
  readonly truncated: boolean;
  readonly question: { readonly name: string; readonly type: number } | undefined;
  readonly answers: readonly DnsRecord[];
  /** What came along, such as the addresses of SRV targets. */
  readonly additional: readonly DnsRecord[];
}

const CLASS_IN = 1;
/** RFC 6891 6.2.3, and what fits through any network (DNS flag day 2020). */
const UDP_BYTES = 1232;
const MOST_POINTERS = 64;
/** RFC 2181 8: larger ones count as 0. */
const MOST_TTL = 2 ** 31;

/** A question with recursion desired, and an OPT record that says how large an answer may be. */
export function encodeQuery(id: number, name: string, type: RecordType): Uint8Array {
  const labels = name.split(".").filter((label) => label !== "");
  const size = 12 + labels.reduce((sum, { length }) => sum + length + 1, 1) + 4 + 11;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, id);
  view.setUint16(2, 0x0100);
  view.setUint16(4, 1);
  view.setUint16(10, 1);
  let at = 12;
  for (const label of labels) {
    bytes[at++] = label.length;
    for (let i = 0; i < label.length; i++) bytes[at++] = label.charCodeAt(i);
  }
  at++;
  view.setUint16(at, recordTypes[type]);
  view.setUint16(at + 2, CLASS_IN);
  // RFC 6891 6.1.2: the root, OPT, and the size in the place of the class.
  view.setUint16(at + 5, recordTypes.OPT);
  view.setUint16(at + 7, UDP_BYTES);
  return bytes;
}

/** @throws TypeError for what is no answer of DNS */
export function decodeReply(bytes: Uint8Array): DnsReply {
  const reader = new Reader(bytes);
  const id = reader.uint16();
  const flags = reader.uint16();
  if ((flags & 0x8000) === 0) throw new TypeError("it is a question");
  const counts = [reader.uint16(), reader.uint16(), reader.uint16(), reader.uint16()] as const;
  let question: DnsReply["question"];
  for (let i = 0; i < counts[0]; i++) {
    question = { name: reader.name(), type: reader.uint16() };
    reader.skip(2);
  }
  const truncated = (flags & 0x0200) !== 0;
  const facts = { id, code: flags & 0xf, truncated, question };
  // What was cut off is asked for over TCP.
  if (truncated) return { ...facts, answers: [], additional: [] };
  const answers = reader.records(counts[1]);
  reader.records(counts[2]);
  return { ...facts, answers, additional: reader.records(counts[3]) };
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  uint16(): number {
    this.#need(2);
    const value = this.#view.getUint16(this.#at);
    this.#at += 2;
    return value;
  }

  skip(count: number): void {
    this.#need(count);
    this.#at += count;
  }

  records(count: number): DnsRecord[] {
    const records: DnsRecord[] = [];
    for (let i = 0; i < count; i++) {
      const record = this.#record();
      if (record !== undefined) records.push(record);
    }
    return records;
  }

  #record(): DnsRecord | undefined {
    const name = this.name();
    const type = this.uint16();
    const isInternet = this.uint16() === CLASS_IN;
    this.#need(4);
    const seconds = this.#view.getUint32(this.#at);
    this.#at += 4;
    const ttl = seconds < MOST_TTL ? seconds : 0;
    const length = this.uint16();
    const end = this.#at + length;
    this.#need(length);
    const record = isInternet ? this.#data(type, length) : undefined;
    this.#at = end;
    return record && ({ name, ttl, ...record } as DnsRecord);
  }

  #data(type: number, length: number): Record<string, unknown> | undefined {
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    if (type === recordTypes.A && length === 4) return { type: "A", address: bytes.join(".") };
    if (type === recordTypes.AAAA && length === 16) {
      return { type: "AAAA", address: ipv6Text(this.#view, this.#at) };
    }
    if (type === recordTypes.CNAME) return { type: "CNAME", target: this.name() };
    if (type === recordTypes.SRV && length > 6) {
      const [priority, weight, port] = [this.uint16(), this.uint16(), this.uint16()];
      return { type: "SRV", priority, weight, port, target: this.name() };
    }
    return undefined;
  }

  /** RFC 1035 4.1.4: labels, or a pointer to where they were before. */
  name(): string {
    const labels: string[] = [];
    let at = this.#at;
    let after: number | undefined;
    let length = 0;
    for (let pointers = 0; ;) {
      const size = this.#bytes[at];
      if (size === undefined) throw new TypeError("it ends within a name");
      if (size === 0) break;
      if (size >= 0xc0) {
        const low = this.#bytes[at + 1];
        if (low === undefined) throw new TypeError("it ends within a name");
        if (++pointers > MOST_POINTERS) throw new TypeError("a name in it goes round in a circle");
        after ??= at + 2;
        at = ((size & 0x3f) << 8) | low;
        continue;
      }
      const end = at + 1 + size;
      length += size + 1;
      if (size > 63 || length > 255 || end > this.#bytes.length) {
        throw new TypeError("a name in it is too long");
      }
      labels.push(String.fromCharCode(...this.#bytes.subarray(at + 1, end)).toLowerCase());
      at = end;
    }
    this.#at = after ?? at + 1;
    return labels.join(".");
  }

  #need(count: number): void {
    if (this.#at + count > this.#bytes.length) throw new TypeError("it is cut off");
  }
}

/** As RFC 5952 writes it, but for the longest run of zeros: which one is shortened makes no difference here. */
function ipv6Text(view: DataView, at: number): string {
  const parts = Array.from({ length: 8 }, (_, i) => view.getUint16(at + 2 * i).toString(16));
  return parts.join(":").replace(/(?:^|:)0(?::0)+(?::|$)/, "::");
}
