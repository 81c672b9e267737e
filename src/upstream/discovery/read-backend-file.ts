import { parse } from "smol-toml";
import type { BackendOptions } from "../backend-options.ts";
import { parseEndpoint } from "../endpoint.ts";
import { parseBackendLine } from "./backend-line.ts";

/**
 * Reads the backends of a file: JSON or TOML by its name, else a line for each.
 *
 * JSON is a list, `["10.0.0.1:8080", { "url": "10.0.0.2:8080", "weight": 3 }]`, or `{ "backends": [...] }`; TOML is
 * `backends = [...]` as in a configuration. Keys of an entry: `url`, `weight`, `backup`, `max_connections`.
 * @param name of the file
 * @throws TypeError that says what is wrong with it; nothing of such a file is used
 */
export function readBackendFile(name: string, text: string): BackendOptions[] {
  const backends = name.endsWith(".json")
    ? fromValue(parsed(text, JSON.parse, "JSON"))
    : name.endsWith(".toml")
      ? fromValue(parsed(text, (toml) => parse(toml), "TOML"))
      : fromLines(text);
  // A file that somebody is about to write is empty for a moment.
  if (backends.length === 0) throw new TypeError("it names no backend");
  return backends;
}

/**
 * Reads one backend: a line of a file, or an entry of its JSON.
 * @throws TypeError that says what is wrong with it
 */
export function readBackendText(text: string): BackendOptions {
  const backend = text.trimStart().startsWith("{")
    ? fromRecord(parsed(text, JSON.parse, "JSON"))
    : parseBackendLine(text);
  parseEndpoint(backend.url);
  return backend;
}

function parsed(text: string, parser: (text: string) => unknown, format: string): unknown {
  try {
    return parser(text);
  } catch (error) {
    const [message = ""] = (error as Error).message.split("\n");
    throw new TypeError(`it is no ${format}: ${message}`, { cause: error });
  }
}

function fromLines(text: string): BackendOptions[] {
  const backends: BackendOptions[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const content = line.replace(/(^|\s)#.*$/, "").trim();
    if (content !== "") backends.push(at(`line ${index + 1}`, () => parseBackendLine(content)));
  }
  return backends;
}

function fromValue(value: unknown): BackendOptions[] {
  const list = isRecord(value) ? value["backends"] : value;
  if (!Array.isArray(list))
    throw new TypeError('it must be a list, or have "backends" with a list');
  return list.map((one: unknown, index) =>
    at(`entry ${index + 1}`, () => (typeof one === "string" ? { url: one } : fromRecord(one))),
  );
}

function fromRecord(value: unknown): BackendOptions {
  if (!isRecord(value)) throw new TypeError("it must be an address, or a table with a url");
  const { url, weight, backup, max_connections: maxConnections, ...others } = value;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw new TypeError(
      `${JSON.stringify(unknown)} is no key of a backend: url, weight, backup and max_connections are`,
    );
  }
  if (typeof url !== "string") throw new TypeError("url must be text");
  if (backup !== undefined && typeof backup !== "boolean") {
    throw new TypeError("backup must be true or false");
  }
  return {
    url,
    ...(backup !== undefined && { backup }),
    ...(weight !== undefined && { weight: count(weight, "weight", 1) }),
    ...(maxConnections !== undefined && {
      maxConnections: count(maxConnections, "max_connections", 0),
    }),
  };
}

function count(value: unknown, name: string, least: number): number {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= 65_535) {
    return value as number;
  }
  throw new TypeError(`${name} must be a whole number from ${least} to 65535`);
}

/** Its address must be one too: half of a file is not used. */
function at(place: string, read: () => BackendOptions): BackendOptions {
  try {
    const backend = read();
    parseEndpoint(backend.url);
    return backend;
  } catch (error) {
    throw new TypeError(`${place}: ${(error as Error).message}`, { cause: error });
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
