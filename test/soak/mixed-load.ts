import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { BIG_BYTES } from "./origin.ts";

export interface Addresses {
  /** `http://127.0.0.1:PORT` */
  readonly http: string;
  /** The port that passes TCP on. */
  readonly tcp: number;
}

/** Something clients do. @throws Error saying what was not as it should be */
type Scenario = (at: Addresses, turn: number) => Promise<void>;

function expectThat(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

async function get(at: Addresses, path: string, status: number, body?: string): Promise<void> {
  const answer = await fetch(at.http + path, { redirect: "manual" });
  const text = await answer.text();
  expectThat(answer.status === status, `${path} answered ${answer.status}`);
  if (body !== undefined) expectThat(text === body, `${path} answered ${text.slice(0, 60)}`);
}

async function upload(at: Addresses, turn: number): Promise<void> {
  const content = "x".repeat(1000 + (turn % 50) * 1000);
  const answer = await fetch(`${at.http}/echo`, { method: "POST", body: content });
  expectThat((await answer.text()) === content, "/echo lost bytes");
}

async function download(at: Addresses): Promise<void> {
  const { byteLength } = await (await fetch(`${at.http}/big`)).arrayBuffer();
  expectThat(byteLength === BIG_BYTES, `/big gave ${byteLength} bytes`);
}

/** A client that leaves in the middle. */
async function giveUp(at: Addresses): Promise<void> {
  const answer = await fetch(`${at.http}/big`);
  const reader = answer.body?.getReader();
  await reader?.read();
  await reader?.cancel();
}

/** A client that leaves before there is an answer. */
async function leave(at: Addresses): Promise<void> {
  const left = new AbortController();
  const answer = fetch(`${at.http}/slow`, { signal: left.signal }).catch(() => undefined);
  await Bun.sleep(30);
  left.abort();
  expectThat((await answer) === undefined, "/slow answered whom had left");
}

async function cut(at: Addresses): Promise<void> {
  const whole = await fetch(`${at.http}/cut`)
    .then((answer) => answer.text())
    .catch(() => undefined);
  expectThat(whole === undefined, "/cut looked whole");
}

function socket(at: Addresses): Promise<void> {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(`${at.http.replace("http", "ws")}/socket`);
    let echoes = 0;
    ws.onopen = () => ws.send("0");
    ws.onmessage = () => {
      if (++echoes < 3) ws.send(String(echoes));
      else ws.close(1000);
    };
    ws.onerror = () => reject(new Error("/socket broke"));
    ws.onclose = () => {
      if (echoes === 3) resolve();
      else reject(new Error(`/socket closed after ${echoes} echoes`));
    };
  });
}

function tcp(at: Addresses): Promise<void> {
  return new Promise((resolve, reject) => {
    const peer = connect(at.tcp, "127.0.0.1", () => peer.write("through"));
    peer.on("data", (bytes) => {
      peer.destroy();
      if (bytes.toString() === "through") resolve();
      else reject(new Error("TCP gave back something else"));
    });
    peer.on("error", reject);
  });
}

/** Several requests over one HTTP/2 connection, one of them reset. */
function http2(at: Addresses): Promise<void> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(at.http);
    session.on("error", reject);
    let left = 4;
    const ended = (): void => {
      if (--left > 0) return;
      session.close();
      resolve();
    };
    for (let i = 0; i < 3; i++) {
      const stream = session.request({ ":path": `/two/${i}` });
      stream.on("error", reject);
      stream.on("response", (headers) => {
        if (headers[":status"] !== 200) reject(new Error(`HTTP/2 got ${headers[":status"]}`));
      });
      stream.resume();
      stream.on("end", ended);
    }
    const dropped = session.request({ ":path": "/slow" });
    dropped.on("error", () => {});
    dropped.on("close", ended);
    setTimeout(() => dropped.close(8), 30);
  });
}

const scenarios: readonly Scenario[] = [
  (at, turn) => get(at, `/a/${turn}`, 200, `hello /a/${turn}`),
  (at) => get(at, "/fixed", 200, "fixed"),
  (at) => get(at, "/old", 301),
  (at) => get(at, "/nowhere/at/all", 404),
  (at) => get(at, "/busy", 503),
  (at) => get(at, "/secret", 401),
  (at) => get(at, "/events", 200, "data: 0\n\ndata: 1\n\ndata: 2\n\n"),
  upload,
  download,
  giveUp,
  leave,
  cut,
  socket,
  tcp,
  http2,
];

/** Clients of every kind, until it is stopped. */
export class MixedLoad {
  done = 0;
  readonly failures: string[] = [];
  #stopped = false;
  #lanes: Promise<void>[];

  /** @param pauseMs between two things that one of the `lanes` does */
  constructor(at: Addresses, lanes: number, pauseMs: number) {
    this.#lanes = Array.from({ length: lanes }, (_, lane) => this.#run(at, lane, pauseMs));
  }

  async #run(at: Addresses, lane: number, pauseMs: number): Promise<void> {
    for (let turn = lane; !this.#stopped; turn++) {
      const scenario = scenarios[turn % scenarios.length] as Scenario;
      try {
        await scenario(at, turn);
      } catch (error) {
        this.failures.push(`${scenario.name || "get"} ${turn}: ${String(error)}`);
      }
      this.done++;
      await Bun.sleep(pauseMs);
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#lanes);
  }
}
