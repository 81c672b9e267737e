import { connect } from "node:net";
import type { Duplex } from "../../src/wire/duplex.ts";
import { HeaderList } from "../../src/http/header-list.ts";

/** A connection to a server as a client of ours would have it, and the head of its answer. */
export async function askUpgrade(
  port: number,
  headers: HeaderList,
): Promise<{ status: number; headers: HeaderList; duplex: Duplex }> {
  const socket = connect({ port, host: "127.0.0.1" });
  let wake: () => void = () => {};
  let ended = false;
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    wake();
  });
  for (const event of ["end", "close", "error"]) {
    socket.on(event, () => {
      ended = true;
      wake();
    });
  }
  const pull = async (): Promise<Uint8Array | null> => {
    while (chunks.length === 0 && !ended) await new Promise<void>((resolve) => (wake = resolve));
    return chunks.shift() ?? null;
  };
  const fields = [...headers].map(([name, value]) => `${name}: ${value}\r\n`).join("");
  socket.write(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${fields}\r\n`);
  let head = Buffer.alloc(0);
  while (!head.includes("\r\n\r\n")) {
    const chunk = await pull();
    if (chunk === null) throw new Error("no answer");
    head = Buffer.concat([head, chunk]);
  }
  const end = head.indexOf("\r\n\r\n");
  chunks.unshift(...(end + 4 < head.length ? [head.subarray(end + 4)] : []));
  const [first = "", ...lines] = head.subarray(0, end).toString("latin1").split("\r\n");
  const list = new HeaderList();
  for (const line of lines) {
    const colon = line.indexOf(":");
    list.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  const duplex: Duplex = {
    pull,
    write: (bytes) => socket.write(bytes),
    drained: () =>
      socket.writableNeedDrain
        ? new Promise((resolve) => socket.once("drain", resolve))
        : Promise.resolve(),
    end: () => void socket.end(),
    destroy: () => void socket.destroy(),
  };
  return { status: Number(first.split(" ")[1]), headers: list, duplex };
}
