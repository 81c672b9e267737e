/** What a request says of where it was made. */
export interface OriginFacts {
  /** `Sec-Fetch-Site`; lines joined. */
  readonly site: string | null;
  /** `Origin`; lines joined. */
  readonly origin: string | null;
  readonly referer: string | null;
}

/** `same`: by a page of ours or by the user; `other`: by another page; `unknown`: by no browser of today. */
export type OriginVerdict = "same" | "other" | "unknown";

/**
 * Where a request was made. Pages can change none of these fields, so that browsers tell the truth.
 *
 * `Sec-Fetch-Site` comes first: it needs no knowledge of our own address, which proxies change. Then `Origin`,
 * which every browser sends with whatever is not GET or HEAD, and `Referer` for old ones.
 * @param isOurs whether an origin is our own, or one that is trusted
 */
export function judgeOrigin(
  facts: OriginFacts,
  isOurs: (origin: string) => boolean,
): OriginVerdict {
  const { site, origin, referer } = facts;
  // `none`: typed, from a bookmark or sent again by the user. `same-site` is another host, which may be
  // anybody's (Fetch Metadata 2.3).
  if (site === "same-origin" || site === "none") return "same";
  if (origin !== null) return isOurs(origin) ? "same" : "other";
  if (site !== null) return "other";
  if (referer === null) return "unknown";
  return URL.canParse(referer) && isOurs(new URL(referer).origin) ? "same" : "other";
}

/** An origin as browsers write it. @param host with its port if any, lower case */
export function originOf(scheme: "http" | "https", host: string): string {
  const usual = scheme === "https" ? ":443" : ":80";
  return `${scheme}://${host.endsWith(usual) ? host.slice(0, -usual.length) : host}`;
}

/** @throws TypeError when it is not written as browsers write it */
export function checkOrigin(origin: string): string {
  if (URL.canParse(origin) && new URL(origin).origin === origin && origin !== "null") return origin;
  throw new TypeError(
    `csrf: origin ${JSON.stringify(origin)}: write it as https://app.example.com, without a path`,
  );
}
