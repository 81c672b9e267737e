import { parseCookies } from "../../http/cookie.ts";
import type { HeaderList } from "../../http/header-list.ts";

/** What of a request keeps it with its backend; undefined where it brings no such thing. */
export type KeyReader = (path: string, query: string, headers: HeaderList) => string | undefined;

/**
 * Reads what `hashBy` names.
 * @throws TypeError when that is none of `path`, `header:NAME`, `cookie:NAME`, `query:NAME`
 */
export function keyReader(hashBy = "path"): KeyReader {
  const [, kind, name = ""] = /^(path|header|cookie|query)(?::(.+))?$/.exec(hashBy) ?? [];
  const read = readers[kind ?? ""]?.(name);
  if (read === undefined || (kind !== "path" && name === "")) {
    throw new TypeError(
      `hashBy must be path, header:NAME, cookie:NAME or query:NAME, not ${hashBy}`,
    );
  }
  return read;
}

const readers: Readonly<Record<string, (name: string) => KeyReader>> = {
  path: () => (path) => path,
  header: (name) => (_path, _query, headers) => headers.get(name) ?? undefined,
  cookie: (name) => (_path, _query, headers) => {
    const field = headers.joined("cookie");
    return field === null ? undefined : parseCookies(field).find(([key]) => key === name)?.[1];
  },
  query: (name) => (_path, query) => new URLSearchParams(query).get(name) ?? undefined,
};
