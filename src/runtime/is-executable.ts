/**
 * Whether this is an executable made by `bun build --compile`: its script lies in a file system that only exists
 * inside of it.
 */
export function isExecutable(): boolean {
  return "Bun" in globalThis && /^(\/\$bunfs\/|B:[/\\]~BUN[/\\])/.test(Bun.main);
}
