/** Copies bytes between each client and a connection of its own to the origin, and reads none of them. */
import type { Socket } from "bun";

interface Pair {
  other: Socket<Pair> | undefined;
  /** What came before the other side was there. */
  early: Uint8Array[];
}

const [port, origin] = process.argv.slice(2).map(Number);
const hostname = "127.0.0.1";

const copy = {
  data({ data }: Socket<Pair>, chunk: Uint8Array): void {
    if (data.other === undefined) data.early.push(chunk);
    else data.other.write(chunk);
  },
  close({ data }: Socket<Pair>): void {
    data.other?.end();
  },
};

Bun.listen<Pair>({
  hostname,
  port: port as number,
  socket: {
    ...copy,
    async open(client) {
      client.data = { other: undefined, early: [] };
      const data = { other: client, early: [] };
      const other = await Bun.connect<Pair>({ hostname, port: origin as number, data, socket: copy });
      for (const chunk of client.data.early) other.write(chunk);
      client.data.other = other;
    },
  },
});
