import type { Deadline } from "./deadline.ts";
import { unlessAborted } from "./deadline.ts";

/** Waits until a WebSocket is open. @throws Error when it is refused; the signal's reason, and closes it then */
export async function openSocket(socket: WebSocket, deadline: Deadline): Promise<WebSocket> {
  const opening = new Promise<WebSocket>((resolve, reject) => {
    if (socket.readyState === WebSocket.OPEN) return resolve(socket);
    socket.addEventListener("open", () => resolve(socket), { once: true });
    const refused = (): void => reject(new Error(`${socket.url}: the WebSocket was not opened`));
    socket.addEventListener("error", refused, { once: true });
    socket.addEventListener("close", refused, { once: true });
  });
  try {
    return await unlessAborted(deadline.signal, opening);
  } catch (error) {
    socket.close();
    throw error;
  } finally {
    deadline.end();
  }
}
