/**
 * Calls a thread may have at a time. Each has a ticket: a number that holds the call's id while it is on offer, and 0
 * once the thread has begun it or the server has taken it back, whoever comes first.
 */
export const TICKETS = 64;
/** Input and output of a call up to so many bytes lie in shared memory; what is longer, or no bytes, is sent. */
const SLOT_BYTES = 4096;

/** Calls on offer and taken back; a power of two, and more than there are tickets. */
const CALLS = 1024;

/** As i32, behind the tickets: how many calls were offered and taken, whether the thread is awake or will be, … */
const OFFERED = TICKETS;
const TAKEN = TICKETS + 1;
const AWAKE = TICKETS + 2;
/** … how many results were given and read, whether the server was told of them. */
const GIVEN = TICKETS + 3;
const READ = TICKETS + 4;
const TOLD = TICKETS + 5;
/** Ticket and id of each call in the order they were offered; the ticket of each result in the order they were given. */
const CALL_RING = TICKETS + 8;
const RESULT_RING = CALL_RING + CALLS * 2;
const INTS = RESULT_RING + TICKETS;

/** As f64, for each ticket: of a call … */
const SANDBOX = 0;
const ENTRY = 1;
const SESSION = 2;
const CPU_MS = 3;
const CALL_MS = 4;
const DEADLINE = 5;
const AUDITED = 6;
const INPUT_BYTES = 7;
/** … and of its result. */
const ID = 0;
const RAN_MS = 1;
const MEMORY_BYTES = 2;
const OUTPUT_BYTES = 3;
const FIELDS = 8;

/** Beside a ticket in a ring: the input, or the result, is sent. */
const SENT = 0x1000;
/** The length of what does not lie in the slot: it is sent. */
const ELSEWHERE = -1;

/** Where the parts begin, in bytes. */
const RECORDS_AT = INTS * 4;
const SLOTS_AT = RECORDS_AT + TICKETS * FIELDS * 8;

/** A call as it lies in shared memory. One object serves all: what is read next overwrites it. */
export interface SharedCall {
  ticket: number;
  id: number;
  sandbox: number;
  /** The number of the entry's name. */
  entry: number;
  session: number;
  cpuMs: number;
  callMs: number;
  deadline: number;
  audited: boolean;
  /** Undefined when it is sent. Valid until the result is given. */
  input: Uint8Array | undefined;
  /** Known of a call that was taken back, too. */
  isSent: boolean;
}

/** A result as it lies there: one without an error, lines or an audit. One object serves all. */
export interface SharedResult {
  /** Its turn has come, and it was sent: nothing else of it is here. */
  isSent: boolean;
  id: number;
  ranMs: number;
  memoryBytes: number;
  output: Uint8Array;
}

/**
 * The memory by which calls go to a thread and their results come back. A message between threads takes longer than
 * most guests run: so one is sent only to wake who sleeps, and for what does not fit.
 */
export class SharedCalls {
  readonly buffer: SharedArrayBuffer;
  readonly #ints: Int32Array;
  readonly #records: Float64Array;
  readonly #slots: Uint8Array;
  /** Results given since the server was last told. */
  #untold = 0;
  /** Views of inputs, by ticket: making one takes longer than reading it. */
  readonly #inputs: (Uint8Array | undefined)[] = [];

  /** @param buffer of the other side; left out, a new one */
  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(SLOTS_AT + TICKETS * SLOT_BYTES)) {
    this.buffer = buffer;
    this.#ints = new Int32Array(buffer, 0, INTS);
    this.#records = new Float64Array(buffer, RECORDS_AT, TICKETS * FIELDS);
    this.#slots = new Uint8Array(buffer, SLOTS_AT);
  }

  /** The server: whether one more can be offered. It cannot only where very many were taken back. */
  get hasRoom(): boolean {
    const offered = this.#ints[OFFERED] as number;
    return ((offered - Atomics.load(this.#ints, TAKEN)) | 0) < CALLS;
  }

  /** The server offers a call. @returns whether the thread sleeps and must be sent a message */
  offer(call: SharedCall): boolean {
    const { ticket, id, input } = call;
    const records = this.#records;
    const at = ticket * FIELDS;
    records[at + SANDBOX] = call.sandbox;
    records[at + ENTRY] = call.entry;
    records[at + SESSION] = call.session;
    records[at + CPU_MS] = call.cpuMs;
    records[at + CALL_MS] = call.callMs;
    records[at + DEADLINE] = call.deadline;
    records[at + AUDITED] = call.audited ? 1 : 0;
    records[at + INPUT_BYTES] = input === undefined ? ELSEWHERE : input.byteLength;
    if (input !== undefined) this.#slots.set(input, ticket * SLOT_BYTES);
    const ints = this.#ints;
    const offered = ints[OFFERED] as number;
    const place = CALL_RING + (offered & (CALLS - 1)) * 2;
    ints[place] = input === undefined ? ticket | SENT : ticket;
    ints[place + 1] = id;
    Atomics.store(ints, ticket, id);
    // What was written before is seen by whoever sees this.
    Atomics.store(ints, OFFERED, (offered + 1) | 0);
    return Atomics.exchange(ints, AWAKE, 1) === 0;
  }

  /** The server takes a call back. @returns false when it has begun */
  revoke(ticket: number, id: number): boolean {
    return Atomics.compareExchange(this.#ints, ticket, id, 0) === id;
  }

  /**
   * The thread takes the next call.
   * @returns undefined when there is none, and a message comes with the next; false when it was taken back
   */
  take(call: SharedCall): boolean | undefined {
    const ints = this.#ints;
    const taken = ints[TAKEN] as number;
    if (Atomics.load(ints, OFFERED) === taken) {
      Atomics.store(ints, AWAKE, 0);
      if (Atomics.load(ints, OFFERED) === taken) return undefined;
      // Whoever is first to say that the thread is awake has it so: if that was the server, its message comes.
      if (Atomics.exchange(ints, AWAKE, 1) !== 0) return undefined;
    }
    const place = CALL_RING + (taken & (CALLS - 1)) * 2;
    const ticket = (ints[place] as number) & ~SENT;
    const id = ints[place + 1] as number;
    call.isSent = ticket !== ints[place];
    Atomics.store(ints, TAKEN, (taken + 1) | 0);
    call.ticket = ticket;
    call.id = id;
    // If it was taken back, the rest is another's by now.
    if (Atomics.compareExchange(ints, ticket, id, 0) !== id) return false;
    const records = this.#records;
    const at = ticket * FIELDS;
    call.sandbox = records[at + SANDBOX] as number;
    call.entry = records[at + ENTRY] as number;
    call.session = records[at + SESSION] as number;
    call.cpuMs = records[at + CPU_MS] as number;
    call.callMs = records[at + CALL_MS] as number;
    call.deadline = records[at + DEADLINE] as number;
    call.audited = records[at + AUDITED] !== 0;
    const bytes = records[at + INPUT_BYTES] as number;
    call.input = bytes < 0 ? undefined : this.#input(ticket, bytes);
    return true;
  }

  #input(ticket: number, bytes: number): Uint8Array {
    const last = this.#inputs[ticket];
    if (last?.byteLength === bytes) return last;
    const from = ticket * SLOT_BYTES;
    return (this.#inputs[ticket] = this.#slots.subarray(from, from + bytes));
  }

  /** The thread gives the result of a call that has nothing but these. */
  give(ticket: number, id: number, ranMs: number, memoryBytes: number, output: Uint8Array): void {
    const records = this.#records;
    const at = ticket * FIELDS;
    records[at + ID] = id;
    records[at + RAN_MS] = ranMs;
    records[at + MEMORY_BYTES] = memoryBytes;
    records[at + OUTPUT_BYTES] = output.byteLength;
    this.#slots.set(output, ticket * SLOT_BYTES);
    this.#give(ticket);
  }

  /** The same for one that is sent, so that it keeps its place among the others. */
  giveSent(ticket: number): void {
    this.#give(ticket | SENT);
  }

  #give(entry: number): void {
    const ints = this.#ints;
    const given = ints[GIVEN] as number;
    // There are no more results than tickets.
    ints[RESULT_RING + (given & (TICKETS - 1))] = entry;
    Atomics.store(ints, GIVEN, (given + 1) | 0);
    this.#untold++;
  }

  /** The thread: how many results the server was not told of. */
  get untold(): number {
    return this.#untold;
  }

  /** The thread: how many calls are on offer. */
  get waiting(): number {
    const ints = this.#ints;
    return (Atomics.load(ints, OFFERED) - (ints[TAKEN] as number)) | 0;
  }

  /** The thread tells of its results. @returns whether it must send a message for that */
  tell(): boolean {
    if (this.#untold === 0) return false;
    this.#untold = 0;
    return Atomics.exchange(this.#ints, TOLD, 1) === 0;
  }

  /** The server was told, and reads. */
  heard(): void {
    Atomics.store(this.#ints, TOLD, 0);
  }

  /**
   * The server reads the next result.
   * @param hasSent whether it has one that was sent
   * @returns false when there is none, or the next was sent and has not come
   */
  read(result: SharedResult, hasSent: boolean): boolean {
    const ints = this.#ints;
    const read = ints[READ] as number;
    if (Atomics.load(ints, GIVEN) === read) return false;
    const ticket = ints[RESULT_RING + (read & (TICKETS - 1))] as number;
    result.isSent = ticket >= SENT;
    if (result.isSent && !hasSent) return false;
    ints[READ] = (read + 1) | 0;
    if (result.isSent) return true;
    const records = this.#records;
    const at = ticket * FIELDS;
    result.id = records[at + ID] as number;
    result.ranMs = records[at + RAN_MS] as number;
    result.memoryBytes = records[at + MEMORY_BYTES] as number;
    const from = ticket * SLOT_BYTES;
    result.output = this.#slots.slice(from, from + (records[at + OUTPUT_BYTES] as number));
    return true;
  }
}

/** Whether it lies in shared memory, or must be sent. */
export function fitsSlot(payload: unknown): payload is Uint8Array {
  return payload instanceof Uint8Array && payload.byteLength <= SLOT_BYTES;
}
