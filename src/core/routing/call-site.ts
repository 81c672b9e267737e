const OWN_FOLDER = new URL("../", import.meta.url).href.replace("file://", "");
const LOCATION = /(?:\(|@|at )?((?:file:\/\/)?[^\s()@]+):(\d+):\d+\)?$/;

/**
 * Where a route was declared, as `file:line`: the first caller outside this folder. Undefined where the
 * runtime gives no usable stack, as in a bundle.
 * @param helpers a further folder whose callers are meant, with its slash
 */
export function callSite(helpers?: string): string | undefined {
  for (const line of new Error().stack?.split("\n") ?? []) {
    const match = LOCATION.exec(line.trim());
    const file = match?.[1]?.replace("file://", "");
    if (file === undefined || file.startsWith(OWN_FOLDER) || file.startsWith("native:")) continue;
    if (helpers !== undefined && file.startsWith(helpers)) continue;
    return `${file}:${match?.[2]}`;
  }
  return undefined;
}
