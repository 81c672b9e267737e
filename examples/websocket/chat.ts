// A chat in rooms: open http://127.0.0.1:8080/ in two windows.
//   npx bun examples/websocket/chat.ts
// Within this repository the package is its sources; elsewhere it is "sluice" and "sluice/server".
import { z } from "zod";
import { App, Rooms } from "sluice";
import { serve } from "sluice/server";

const Line = z.object({ text: z.string().trim().min(1).max(500) });

const rooms = new Rooms();

export const app = new App()
  .ws("/rooms/:room", {
    rooms,
    compress: true,
    maxMessage: 4_096,
    schema: Line,
    // What is kept with each socket, typed from here on.
    data: ({ params, query }) => ({ room: params.room, name: String(query.name ?? "somebody") }),
    open(ws) {
      ws.subscribe(ws.data.room);
      ws.publish(ws.data.room, line("", `${ws.data.name} has come`));
    },
    message(ws, { text }) {
      rooms.publish(ws.data.room, line(ws.data.name, text));
    },
    invalid: (ws, issues) => ws.send(line("", `not sent: ${issues[0]?.message}`)),
    close: (ws) => rooms.publish(ws.data.room, line("", `${ws.data.name} has left`)),
  })
  // Not only sockets speak in rooms.
  .post("/rooms/:room", async (c) => {
    const text = await c.text();
    return { heard: rooms.publish(c.params.room, line("the house", text)) };
  })
  .get("/", (c) => c.html(page));

function line(from: string, text: string): string {
  return JSON.stringify({ from, text });
}

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8"><title>Chat</title>
<style>body { font: 1rem/1.5 system-ui; max-width: 40rem; margin: 2rem auto; padding: 0 1rem }</style>
<h1>Chat</h1>
<ul id="lines"></ul>
<form id="say"><input name="text" autocomplete="off" aria-label="Message" required> <button>Say</button></form>
<script>
  const name = new URLSearchParams(location.search).get("name") ?? "somebody";
  const socket = new WebSocket(
    location.origin.replace("http", "ws") + "/rooms/lobby?name=" + encodeURIComponent(name),
  );
  socket.onmessage = ({ data }) => {
    const { from, text } = JSON.parse(data);
    const item = document.createElement("li");
    item.textContent = from ? from + ": " + text : text;
    document.querySelector("#lines").append(item);
  };
  socket.onopen = () => (document.body.dataset.open = "true");
  document.querySelector("#say").onsubmit = (event) => {
    event.preventDefault();
    const input = event.target.elements.text;
    socket.send(JSON.stringify({ text: input.value }));
    input.value = "";
  };
</script>
`;

if (import.meta.main) {
  const server = await serve(app, { port: 8080, host: "127.0.0.1" });
  console.log(server.addresses[0]?.url);
}
