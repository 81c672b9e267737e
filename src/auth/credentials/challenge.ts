const PRINTABLE = /^[\x20-\x7e]*$/;

/**
 * One challenge for `WWW-Authenticate` (RFC 9110 11.6.1), its values as quoted strings.
 * @throws TypeError when a value holds what no such string can: anything but printable ASCII
 * @example challenge("Basic", { realm: 'the "back" office' }) // Basic realm="the \"back\" office"
 */
export function challenge(scheme: string, parameters: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(parameters).map(([name, value]) => `${name}=${quoted(name, value)}`);
  return pairs.length === 0 ? scheme : `${scheme} ${pairs.join(", ")}`;
}

function quoted(name: string, value: string): string {
  if (!PRINTABLE.test(value)) {
    throw new TypeError(`${name} ${JSON.stringify(value)}: use printable ASCII only`);
  }
  return `"${value.replace(/["\\]/g, "\\$&")}"`;
}
