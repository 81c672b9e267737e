/** One extension as a `Sec-WebSocket-Extensions` field names it. */
export interface Extension {
  readonly name: string;
  /** In order; the value is undefined where there is none. */
  readonly parameters: readonly (readonly [name: string, value: string | undefined])[];
}

const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
// RFC 6455 9.1: what a quoted value says once unescaped must be a token too, so nothing needs escaping.
const PARAMETER = new RegExp(
  `^[ \\t]*;[ \\t]*(${TOKEN})[ \\t]*(?:=[ \\t]*(?:(${TOKEN})|"(${TOKEN})"))?`,
);
const NAME = new RegExp(`^[ \\t]*(${TOKEN})`);
const BETWEEN = /^[ \t]*(?:,[ \t,]*|$)/;
const MAX_EXTENSIONS = 16;

/**
 * Reads the field strictly by its grammar (RFC 6455 9.1).
 * @param field its values joined by ", ", or null
 * @returns undefined when it is malformed, or names more extensions than anybody has
 */
export function parseExtensions(field: string | null): Extension[] | undefined {
  const extensions: Extension[] = [];
  if (field === null) return extensions;
  let rest = field;
  while (rest !== "") {
    const name = NAME.exec(rest);
    if (name === null || extensions.length === MAX_EXTENSIONS) return undefined;
    rest = rest.slice(name[0].length);
    const parameters: [string, string | undefined][] = [];
    for (let found = PARAMETER.exec(rest); found !== null; found = PARAMETER.exec(rest)) {
      parameters.push([found[1] as string, found[2] ?? found[3]]);
      rest = rest.slice(found[0].length);
    }
    extensions.push({ name: name[1] as string, parameters });
    const between = BETWEEN.exec(rest);
    if (between === null) return undefined;
    rest = rest.slice(between[0].length);
  }
  return extensions.length === 0 ? undefined : extensions;
}
