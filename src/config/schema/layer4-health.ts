import * as z from "zod";
import { field } from "./field.ts";
import { nonEmpty } from "./text.ts";
import { dnsName } from "./upstream-discovery.ts";
import { checkPace } from "./upstream-health.ts";

const port = field(z.int().min(1).max(65_535).optional(), {
  description: "The port that is asked; that of the backend if left out.",
  example: "8080",
});

const send = {
  description: "What the backend is sent first.",
  example: '"PING\\r\\n"',
};

const expect = field(nonEmpty.optional(), {
  description: "Text that its answer must have; without it any will do.",
  example: '"+PONG"',
});

const conversation = { port, send: field(nonEmpty.optional(), send), expect };

/** `[tcp_proxy.health_check]`: on when the table is there. */
export const tcpHealthCheck = z.strictObject({ ...conversation, ...checkPace });

const type = <T extends string>(name: T, description: string) =>
  field(z.literal(name), { description, example: JSON.stringify(name) });

/** `[udp_proxy.health_check]`: on when the table is there. */
export const udpHealthCheck = z.discriminatedUnion("type", [
  z.strictObject({
    type: type("dns", "Asks for the addresses of a name, as a client of DNS does."),
    name: dnsName('"example.com"', "The name. That it does not exist is an answer too."),
    port,
    ...checkPace,
  }),
  z.strictObject({
    type: type("udp", "Sends a datagram, and waits for an answer."),
    port,
    send: field(nonEmpty, send),
    expect,
    ...checkPace,
  }),
  z.strictObject({
    type: type("tcp", "Connects over TCP, for backends that have both."),
    ...conversation,
    ...checkPace,
  }),
]);
