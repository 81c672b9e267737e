import { fillPath } from "./request-path.ts";
import { writeEntries } from "./write-scalar.ts";

/** Where requests go: an origin and perhaps a path that all of them are under. Nothing leaves it. */
export class BaseUrl {
  readonly #origin: string;
  readonly #path: string;

  /** @throws TypeError for what is no http or https URL, or has a query, a fragment or a password */
  constructor(base: string | URL) {
    const text = String(base);
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) {
      throw new TypeError(`${JSON.stringify(text)} is no http or https URL`);
    }
    if (url.search !== "" || url.hash !== "") {
      throw new TypeError("the address of a client has no query and no fragment");
    }
    if (url.username !== "" || url.password !== "") {
      throw new TypeError("give credentials as a header: fetch refuses them in an address");
    }
    this.#origin = url.origin;
    this.#path = url.pathname.replace(/\/+$/, "");
  }

  /**
   * The address of a path below, its parameters filled in.
   * @throws TypeError when a value is missing or the path would step out
   */
  url(pattern: string, params?: Readonly<Record<string, unknown>>, query: object = {}): string {
    const path = fillPath(pattern, params);
    if (!pattern.startsWith("/") || NO_PATH.test(path)) {
      const hint = 'begin with "/", without steps such as "..", and encode "?", "#" and "\\"';
      throw new TypeError(`${JSON.stringify(pattern)} is no path: ${hint}`);
    }
    const search = new URLSearchParams(writeEntries("query", query)).toString();
    return `${this.#origin}${this.#path}${path}${search === "" ? "" : `?${search}`}`;
  }
}

/** What a URL parser would not take for the text of this path (URL 4.4): other components, and steps, which may be encoded. */
const NO_PATH = /[?#\\\p{Cc}]|\/(?:\.|%2e){1,2}(?:\/|$)/iu;
