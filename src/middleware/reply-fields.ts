import type { Context } from "../core/context.ts";
import type { Reply } from "../core/reply.ts";

/** The value a field will have when the reply leaves: what is pending wins over what the reply has. */
export function replyField(c: Context, reply: Reply, name: string): string | null {
  return c.pendingHeaders?.joined(name) ?? reply.headers.joined(name);
}

/** The same reply with headers that may be changed: those of many replies are shared and frozen. */
export function changeable(reply: Reply): Reply {
  return reply.headers.frozen ? reply.with(reply.headers.clone()) : reply;
}

/** Names a request field that the reply depends on, unless the reply does so already. */
export function addVary(reply: Reply, field: string): Reply {
  const named = reply.headers.joined("vary");
  if (named !== null) {
    const wanted = field.toLowerCase();
    const names = named.split(",").map((name) => name.trim().toLowerCase());
    if (names.includes("*") || names.includes(wanted)) return reply;
  }
  const own = changeable(reply);
  own.headers.append("Vary", field);
  return own;
}
