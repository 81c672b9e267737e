import { isExecutable } from "../../runtime/is-executable.ts";

/** How this very program is started again: as it was, whether it is a script or a compiled executable. */
export function ownCommand(): string[] {
  const { execPath, execArgv, argv } = process;
  // An executable runs its script without being told to.
  return isExecutable() ? [execPath, ...argv.slice(2)] : [execPath, ...execArgv, ...argv.slice(1)];
}
