import type { Options } from "../command.ts";

/** What may be said of a sandbox on the command line. */
export const sandboxOptions: Options = {
  policy: {
    value: "NAME",
    help: "The bounds: strict if left out",
    choices: ["strict", "webService", "webSocket", "paranoid"],
  },
  executor: {
    value: "KIND",
    help: "Where it runs; as the policy says if left out",
    choices: ["inline", "worker", "process"],
  },
  memory: { value: "SIZE", help: "Memory of the guest: 32MiB" },
  "cpu-timeout": { value: "TIME", help: "How long it may run: 100ms" },
  config: { value: "[NAME=]TEXT", help: "A setting for the guest; may be repeated", many: true },
  env: { value: "NAME=TEXT", help: "A variable for the guest; may be repeated", many: true },
  dir: { value: "NAME=DIR", help: "A directory the guest may read; may be repeated", many: true },
  net: { value: "HOST[:PORT]", help: "A host the guest may ask; may be repeated", many: true },
};
