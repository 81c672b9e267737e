// 69. Chat rooms: everybody hears what one says.
import type { Check } from "./check.ts";
import { App, Rooms } from "sluice";

const rooms = new Rooms();

export const app = new App()
  .ws("/rooms/:room", {
    rooms,
    data: ({ params }) => params.room,
    open: (ws) => ws.subscribe(ws.data),
    message: (ws, text) => ws.publish(ws.data, text), // to all others
  })
  // Not only sockets speak.
  .post("/rooms/:room", async (c) => rooms.publish(c.params.room, await c.text()));

export async function check({ serve, equal }: Check) {
  const { port, url } = await serve();
  const join = async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/rooms/kitchen`);
    const heard: unknown[] = [];
    socket.addEventListener("message", ({ data }) => heard.push(data));
    await new Promise((resolve) => socket.addEventListener("open", resolve));
    return { socket, heard };
  };
  const [ann, ben] = [await join(), await join()];
  const announce = () => fetch(`${url}/rooms/kitchen`, { method: "POST", body: "dinner" });
  while ((await (await announce()).json()) !== 2) await Bun.sleep(5);
  ann.socket.send("coming");
  while (!ben.heard.includes("coming")) await Bun.sleep(5);
  equal([ann.heard.includes("coming"), ann.heard.includes("dinner")], [false, true]);
  for (const { socket } of [ann, ben]) socket.close();
}
