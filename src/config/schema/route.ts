import * as z from "zod";
import { appAction, proxyAction, redirectAction } from "./answers.ts";
import { field } from "./field.ts";
import { match } from "./match.ts";
import { middleware } from "./middleware/middleware.ts";
import { mirrorAction } from "./mirror.ts";
import { respondAction } from "./respond.ts";
import { splitAction } from "./split.ts";
import { staticAction } from "./static.ts";
import { nonEmpty } from "./text.ts";
import { wasmAction } from "./wasm.ts";

/** `action = { type = …, … }`: a new kind of action is one more member here and one in gateway/actions. */
export const action = z.discriminatedUnion("type", [
  staticAction,
  redirectAction,
  respondAction,
  appAction,
  proxyAction,
  splitAction,
  mirrorAction,
  wasmAction,
]);

/** `[[route]]` */
export const route = z.strictObject({
  name: field(nonEmpty.optional(), {
    description: "For logs, metrics and lists.",
    example: '"site"',
  }),
  match: field(match.prefault({}), {
    description: "Which requests the route answers. The first route in the file that matches does.",
  }),
  priority: field(z.int().min(-1_000_000).max(1_000_000).default(0), {
    description:
      "Routes of a higher priority are asked first; among equals, the order of the file.",
    example: "10",
  }),
  require_client_cert: field(z.boolean().default(false), {
    description:
      "Answers 403 to requests without a verified client certificate. Needs server.tls.client_ca.",
    example: "true",
  }),
  middleware: field(middleware.prefault({}), {
    description:
      "What stands around the action, beside and in place of [middleware]. `name = false` takes one of those away.",
  }),
  action: field(action, {
    description: "What answers.",
  }),
});
