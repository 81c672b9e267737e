/** Runs a load generator to its end, for a bounded time. @throws when it fails, with what it said */
export async function runCommand(command: readonly string[], timeoutMs: number): Promise<string> {
  const child = Bun.spawn([...command], { stdout: "pipe", stderr: "pipe", timeout: timeoutMs });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) === 0) return out;
  throw new Error(`${command.join(" ")} failed: ${err.trim() || out.trim() || child.signalCode}`);
}
