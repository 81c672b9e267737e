import { formatLinks } from "./link.ts";
import type { Link } from "./link.ts";
import { RequestProblem } from "./request-problem.ts";

/** Which items of a list are asked for. */
export interface Page {
  /** From 1. */
  readonly page: number;
  /** Items on a page. */
  readonly size: number;
  /** Items before it. */
  readonly offset: number;
}

/** Keys of a query. */
type QueryValues = Readonly<Record<string, string | string[] | undefined>>;

export interface PageRules {
  /** Items on a page where the client does not say; 20 if left out. */
  readonly size?: number;
  /** More are not given at once; 100 if left out. */
  readonly maxSize?: number;
  /** A page beyond is refused: databases read all that comes before it. 10,000 if left out. */
  readonly maxPage?: number;
}

/**
 * The keys `page` and `size` of a query.
 * @throws RequestProblem 400 for what is no whole number in range
 * @example pageOf(c.query) // ?page=3&size=50 → { page: 3, size: 50, offset: 100 }
 */
export function pageOf(
  query: QueryValues,
  { size = 20, maxSize = 100, maxPage = 10_000 }: PageRules = {},
): Page {
  const page = numberOf(query, "page", 1, maxPage);
  const items = numberOf(query, "size", size, maxSize);
  return { page, size: items, offset: (page - 1) * items };
}

function numberOf(query: QueryValues, key: string, otherwise: number, most: number): number {
  const text = query[key];
  if (text === undefined) return otherwise;
  const value = typeof text === "string" && /^[1-9]\d{0,9}$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= most) return value;
  throw new RequestProblem(400, "bad_page", `"${key}" is a whole number from 1 to ${most}.`);
}

/**
 * The `Link` value of a page of a list (RFC 8288): `first`, `prev`, `next` and, where the total is known, `last`.
 * @param target the request's target, such as `c.exchange.target`; its other keys are kept
 * @param total items in all, or whether more follow where nobody counts them
 * @example c.headers.set("Link", pageLinks(c.exchange.target, page, 95));
 */
export function pageLinks(target: string, { page, size }: Page, total: number | boolean): string {
  const last = typeof total === "number" ? Math.max(1, Math.ceil(total / size)) : undefined;
  const more = last === undefined ? total === true : page < last;
  const links: Link[] = [];
  const add = (rel: string, number: number) =>
    links.push({ href: withKeys(target, { page: String(number), size: String(size) }), rel });
  add("first", 1);
  if (page > 1) add("prev", Math.min(page - 1, last ?? page));
  if (more) add("next", page + 1);
  if (last !== undefined) add("last", last);
  return formatLinks(links);
}

/** The neighbours of a page that was found by a cursor; null where there is none. */
export interface Cursors {
  readonly next?: string | null;
  readonly prev?: string | null;
}

/**
 * The `Link` value of a page that was found by a cursor: `next` and `prev` with the key `cursor`.
 * @param target the request's target; its other keys are kept
 */
export function cursorLinks(target: string, { next, prev }: Cursors): string {
  const links: Link[] = [];
  if (prev) links.push({ href: withKeys(target, { cursor: prev }), rel: "prev" });
  if (next) links.push({ href: withKeys(target, { cursor: next }), rel: "next" });
  return formatLinks(links);
}

/** A target with other values of some keys, the rest of its query as it stands. */
function withKeys(target: string, keys: Readonly<Record<string, string>>): string {
  const mark = target.indexOf("?");
  const path = mark < 0 ? target : target.slice(0, mark);
  const kept = (mark < 0 ? "" : target.slice(mark + 1))
    .split("&")
    .filter((pair) => pair !== "" && !Object.hasOwn(keys, pair.split("=")[0] as string));
  const own = Object.entries(keys).map(([key, value]) => `${key}=${encodeURIComponent(value)}`);
  return `${path}?${[...kept, ...own].join("&")}`;
}
