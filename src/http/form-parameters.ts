/** A field value such as `form-data; name="a"`: what stands before the first ";" and the parameters. */
export interface ParameterizedValue {
  /** In lower case. */
  readonly value: string;
  /** By name in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

// A value without quotes may hold more than a token: some clients write a boundary with "=" or "/" so.
const PARAMETER =
  /[ \t]*;[ \t]*(?:([!#$%&'*+\-.^_`|~0-9A-Za-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+)))?/y;

/**
 * Reads `Content-Type` and `Content-Disposition` values (RFC 9110 5.6.6, RFC 6266 4.1).
 * @returns undefined when it is not of that shape, or a parameter comes twice: readers that take the first
 * and readers that take the last would disagree
 */
export function parseParameters(text: string): ParameterizedValue | undefined {
  const semicolon = text.indexOf(";");
  const end = semicolon < 0 ? text.length : semicolon;
  const parameters = new Map<string, string>();
  let at = end;
  while (at < text.length) {
    PARAMETER.lastIndex = at;
    const found = PARAMETER.exec(text);
    if (found === null) {
      if (text.slice(at).trim() === "") break;
      return undefined;
    }
    at = PARAMETER.lastIndex;
    const name = found[1]?.toLowerCase();
    if (name === undefined) continue;
    if (parameters.has(name)) return undefined;
    parameters.set(name, found[2] === undefined ? (found[3] as string) : unquote(found[2]));
  }
  return { value: text.slice(0, end).trim().toLowerCase(), parameters };
}

/** Only quotes and backslashes are ever escaped; any other backslash is part of a Windows path. */
function unquote(text: string): string {
  return text.includes("\\") ? text.replace(/\\(["\\])/g, "$1") : text;
}

/** RFC 8187: `UTF-8'en'%e2%82%ac`; undefined when it is not valid. */
export function decodeExtendedValue(text: string): string | undefined {
  const found = /^(utf-8|iso-8859-1)'[A-Za-z0-9-]*'((?:%[0-9A-Fa-f]{2}|[^%'"\s\\])*)$/i.exec(text);
  if (found === null) return undefined;
  const value = found[2] as string;
  if ((found[1] as string).toLowerCase() === "iso-8859-1") return unescape1(value);
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}

function unescape1(text: string): string {
  return text.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}
