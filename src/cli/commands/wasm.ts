import type { Command } from "../command.ts";
import { UsageError } from "../command.ts";
import { sandboxOptions } from "../wasm/sandbox-options.ts";

export const wasmCommand: Command = {
  name: "wasm",
  summary: "Look at a WebAssembly module, run it in a sandbox, measure it",
  usage: ["inspect FILE", "run FILE [--call NAME] [--input TEXT]", "bench FILE [--call NAME]"],
  details:
    "inspect tells imports, exports, memory, ABI and what the module would want. run calls it once under the bounds of a policy: its output, or with --request its answer, goes to standard output, its log to standard error. bench calls it one time after the other on each executor.",
  options: {
    call: { value: "NAME", help: "The export to call: _start for WASI, else handle, if left out" },
    input: { value: "TEXT", help: "What it is given; @FILE for what a file holds" },
    request: { value: '"METHOD /PATH"', help: "Ask it as a server would; --input is the body" },
    header: { short: "H", value: "FIELD", help: "A field of the request", many: true },
    audit: { help: "Show what it asked of its host, its time and its memory" },
    seconds: { value: "N", help: "How long bench measures each executor: 1 if left out" },
    ...sandboxOptions,
  },
  positionals: 2,
  completes: ["inspect", "run", "bench"],
  examples: [
    ["sluice wasm inspect verify.wasm", "what it is and wants"],
    ["sluice wasm run stats.wasm --call process_request --input '[1,2]'", "one call"],
    ['sluice wasm run verify.wasm --request "GET /me" -H "X-A: 1"', "one request"],
  ],
  async run(args, shell) {
    const [what, file] = args.positionals;
    if (what !== "inspect" && what !== "run" && what !== "bench") {
      throw new UsageError("say what is to be done: sluice wasm inspect, run or bench FILE");
    }
    if (file === undefined) throw new UsageError(`name a module: sluice wasm ${what} FILE`);
    // A server without guests has no use for any of it.
    if (what === "inspect") {
      return (await import("../wasm/inspect-module.ts")).inspectModule(file, shell);
    }
    if (what === "run") return (await import("../wasm/run-guest.ts")).runGuest(file, args, shell);
    return (await import("../wasm/bench-guest.ts")).benchGuest(file, args, shell);
  },
};
