import type { FramingFields } from "./framing-fields.ts";

/** What a head says of its connection. */
interface ConnectionFacts {
  keepAlive: boolean;
  upgrade: string | undefined;
}

/** Takes `Connection` apart (RFC 9110 7.6.1, RFC 9112 9.3). HTTP/1.0 closes unless it is told not to, and upgrades nothing. */
export function noteConnection(
  { connection, upgrade }: FramingFields,
  minor: number,
  head: ConnectionFacts,
): void {
  head.keepAlive = minor === 1;
  if (connection === undefined) return;
  // What almost every one says.
  if (connection === "keep-alive" || connection === "Keep-Alive" || connection === "close") {
    head.keepAlive = connection !== "close";
    return;
  }
  let close = false;
  for (const option of connection.toLowerCase().split(",")) {
    const name = option.trim();
    if (name === "close") close = true;
    else if (name === "keep-alive") head.keepAlive = true;
    else if (name === "upgrade" && minor === 1) head.upgrade = upgrade;
  }
  if (close) head.keepAlive = false;
}
