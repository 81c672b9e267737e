export type { Socket, SocketHandler } from "../runtime/socket.ts";
