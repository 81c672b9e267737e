import * as z from "zod";
import { field } from "./field.ts";
import { port } from "./server.ts";
import { hostName, nonEmpty } from "./text.ts";

/** `[admin]`: on when the table is there. */
export const admin = z.strictObject({
  host: field(nonEmpty.default("127.0.0.1"), {
    description:
      "The address of the admin listener. Keep it private: whoever reaches it may steer the server.",
    example: '"127.0.0.1"',
    expected: "an IP address or a host name",
  }),
  hosts: field(z.array(hostName).default([]), {
    description:
      "Names by which the admin listener may be asked, besides addresses, `localhost` and its `host`. Others are refused, so that no web page can have its own name resolved to it.",
    example: '["sluice.monitoring.svc"]',
    expected: "a list of host names",
  }),
  port: field(port.default(9180), {
    description: "The port of the admin listener.",
    example: "9180",
  }),
});
