// 67. A WebSocket that answers.
import type { Check } from "./check.ts";
import { App } from "sluice";

export const app = new App().ws("/echo", {
  message: (ws, message) => ws.send(message),
});

export async function check({ serve, equal }: Check) {
  const { port } = await serve();
  const socket = new WebSocket(`ws://127.0.0.1:${port}/echo`);
  await new Promise((resolve) => socket.addEventListener("open", resolve));
  const heard = new Promise((resolve) => {
    socket.addEventListener("message", ({ data }) => resolve(data));
  });
  socket.send("hello");
  equal(await heard, "hello");
  socket.close();
}
