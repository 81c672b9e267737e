/** What a program says of its version, or undefined where it is not installed. */
export function versionOf(command: readonly string[]): string | undefined {
  try {
    const { stdout, stderr, exitCode } = Bun.spawnSync([...command], { timeout: 10_000 });
    if (exitCode !== 0) return undefined;
    const text = `${stdout.toString()}${stderr.toString()}`;
    return text
      .trim()
      .split("\n")[0]
      ?.replace(/^(nginx version: nginx\/|sluice )/, "");
  } catch {
    return undefined;
  }
}
