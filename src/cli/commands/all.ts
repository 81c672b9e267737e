import type { Command } from "../command.ts";
import { buildCommand } from "./build.ts";
import { certCommand } from "./cert.ts";
import { checkCommand } from "./check.ts";
import { completionCommand } from "./completion.ts";
import { ctlCommand } from "./ctl.ts";
import { fmtCommand } from "./fmt.ts";
import { initCommand } from "./init.ts";
import { newCommand } from "./new.ts";
import { openapiCommand } from "./openapi.ts";
import { printCommand } from "./print.ts";
import { routesCommand } from "./routes.ts";
import { runCommand } from "./run.ts";
import { schemaCommand } from "./schema.ts";
import { statusCommand } from "./status.ts";
import { wasmCommand } from "./wasm.ts";

/** Every command with a name, in the order of the help. */
export const commands: readonly Command[] = [
  newCommand,
  runCommand,
  buildCommand,
  routesCommand,
  openapiCommand,
  initCommand,
  checkCommand,
  statusCommand,
  ctlCommand,
  printCommand,
  fmtCommand,
  schemaCommand,
  certCommand,
  wasmCommand,
  completionCommand(() => commands),
];
