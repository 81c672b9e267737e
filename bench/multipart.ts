import { Readable } from "node:stream";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Busboy } from "@fastify/busboy";
import { MultipartForm } from "../src/core/forms/multipart-form.ts";
import type { Source } from "../src/wire/source.ts";
import { sourceFrom } from "../src/wire/source.ts";
import { runCommand } from "./lib/run-command.ts";
import { median, spread } from "./lib/statistics.ts";
import { table } from "./lib/table.ts";

const BOUNDARY = "----formboundaryXs3mR0sFqvPbkA7d";
const TYPE = `multipart/form-data; boundary=${BOUNDARY}`;
const CHUNK = 64 * 1024;
const MIB = 2 ** 20;

interface Measured {
  readonly bytes: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  /** What it took beyond what the process had before. */
  readonly moreMiB: number;
}

const READERS: Record<string, (size: number) => Promise<number>> = {
  sluice: readWithSluice,
  "@fastify/busboy": readWithBusboy,
  "Response.formData": readWithPlatform,
};

/** One file of 200 MiB of random bytes in chunks of 64 KiB, read and counted. Target: ≤ 1.5 × busboy, flat memory. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: { type: "string", default: "5" },
      mib: { type: "string", default: "200" },
    },
  });
  const size = Number(values.mib) * MIB;
  const [mode, reader] = positionals;
  if (mode === "read") return measure(reader as string, size);
  const names = Object.keys(READERS);
  const results = names.map((): Measured[] => []);
  for (let round = 0; round < Number(values.rounds); round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const at = (turn + round) % names.length;
      // A process each: memory of one is no other's.
      const self = [process.execPath, join(import.meta.dir, "run.ts"), "multipart"];
      const command = [...self, "read", names[at] as string, "--mib", values.mib];
      results[at]!.push(JSON.parse(await runCommand(command, 120_000)) as Measured);
    }
  }
  const busboy = median(results[1]!.map(({ cpuMs }) => cpuMs));
  const rows = names.map((name, at) => {
    const all = results[at]!;
    const cpu = all.map(({ cpuMs }) => cpuMs);
    return [
      name,
      median(all.map(({ wallMs }) => wallMs)).toFixed(0),
      median(cpu).toFixed(0),
      `${(spread(cpu) * 100).toFixed(0)} %`,
      (median(cpu) / busboy).toFixed(2),
      `+${median(all.map(({ moreMiB }) => moreMiB)).toFixed(0)}`,
    ];
  });
  console.log(table(["reader", "ms", "CPU ms", "spread", "÷ busboy", "MiB"], rows));
}

async function measure(name: string, size: number): Promise<void> {
  const read = READERS[name];
  if (read === undefined) throw new Error(`no reader ${name}`);
  await read(4 * MIB);
  const before = {
    cpu: process.cpuUsage(),
    wall: performance.now(),
    rss: process.memoryUsage.rss(),
  };
  let peak = before.rss;
  const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 10);
  const bytes = await read(size);
  clearInterval(timer);
  const cpu = process.cpuUsage(before.cpu);
  if (bytes !== size) throw new Error(`${name} read ${bytes} bytes of ${size}`);
  const measured: Measured = {
    bytes,
    wallMs: performance.now() - before.wall,
    cpuMs: (cpu.user + cpu.system) / 1000,
    moreMiB: (Math.max(peak, process.memoryUsage.rss()) - before.rss) / MIB,
  };
  console.log(JSON.stringify(measured));
}

/** The same chunks again and again, given in turns of the event loop as a socket would. */
async function* body(size: number): AsyncGenerator<Uint8Array> {
  const content = new Uint8Array(CHUNK);
  crypto.getRandomValues(content);
  const head = 'Content-Disposition: form-data; name="file"; filename="a.bin"';
  yield Buffer.from(`--${BOUNDARY}\r\n${head}\r\nContent-Type: application/octet-stream\r\n\r\n`);
  for (let sent = 0; sent < size; sent += CHUNK) {
    await new Promise((resolve) => setImmediate(resolve));
    yield content;
  }
  yield Buffer.from(`\r\n--${BOUNDARY}--\r\n`);
}

async function readWithSluice(size: number): Promise<number> {
  let bytes = 0;
  for await (const part of new MultipartForm(sourceFrom(body(size)), TYPE)) {
    bytes += await count(part.body);
  }
  return bytes;
}

async function count(source: Source): Promise<number> {
  let bytes = 0;
  for (let chunk = await source.pull(); chunk !== null; chunk = await source.pull()) {
    bytes += chunk.byteLength;
  }
  return bytes;
}

function readWithBusboy(size: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let bytes = 0;
    const busboy = new Busboy({ headers: { "content-type": TYPE } });
    busboy.on("file", (_name, stream) => {
      stream.on("data", (chunk: Uint8Array) => (bytes += chunk.byteLength));
    });
    busboy.on("finish", () => resolve(bytes));
    busboy.on("error", reject);
    Readable.from(body(size), { objectMode: false }).pipe(busboy);
  });
}

async function readWithPlatform(size: number): Promise<number> {
  const chunks = body(size);
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await chunks.next();
      if (next.done) controller.close();
      else controller.enqueue(next.value.slice());
    },
  });
  const form = await new Response(stream, { headers: { "Content-Type": TYPE } }).formData();
  return (form.get("file") as File).size;
}
