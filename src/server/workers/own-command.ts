/** How this very program is started again: as it was, whether it is a script or a compiled executable. */
export function ownCommand(): string[] {
  const { execPath, execArgv, argv } = process;
  // In an executable the script lies in a file system that only exists inside of it, and is run anyway.
  const compiled = /^(\/\$bunfs\/|B:[/\\]~BUN[/\\])/.test(Bun.main);
  return compiled ? [execPath, ...argv.slice(2)] : [execPath, ...execArgv, ...argv.slice(1)];
}
