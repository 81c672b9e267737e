import { problem } from "../../core/errors.ts";
import type { Application, Exchange } from "../../core/exchange.ts";
import { Reply } from "../../core/reply.ts";
import { HeaderList } from "../../http/header-list.ts";
import type { ChallengeStore } from "./challenges.ts";

export interface HttpsRedirectOptions {
  /** 301 lets old clients turn a POST into a GET; 308 does not. */
  status: 301 | 308;
  /** The port of the TLS listener; asked for each request, as it may be known only once that listens. */
  tlsPort: () => number;
  challenges: ChallengeStore;
}

const CHALLENGE_PATH = "/.well-known/acme-challenge/";

/** What the plain-HTTP listener beside a TLS one serves: redirects to https, and ACME HTTP-01 tokens. */
export class HttpsRedirect implements Application {
  readonly #options: HttpsRedirectOptions;

  constructor(options: HttpsRedirectOptions) {
    this.#options = options;
  }

  handle(exchange: Exchange): Reply {
    if (exchange.path.startsWith(CHALLENGE_PATH)) return this.#answerChallenge(exchange);
    const host = exchange.authority.replace(/:\d*$/, "");
    if (host === "") {
      return problem(400, "host_missing", "Send a Host header, or ask for an https URL.");
    }
    if (!exchange.path.startsWith("/")) {
      // `OPTIONS *` and CONNECT have no URL to be sent to.
      return problem(400, "https_required", "This server answers over https only.");
    }
    const port = this.#options.tlsPort();
    const authority = port === 443 ? host : `${host}:${port}`;
    const query = exchange.query === "" ? "" : `?${exchange.query}`;
    const location = `https://${authority}${exchange.path}${query}`;
    return new Reply(null, this.#options.status, new HeaderList(["location", location]));
  }

  #answerChallenge(exchange: Exchange): Reply {
    if (exchange.method !== "GET" && exchange.method !== "HEAD") {
      const allow = new HeaderList(["allow", "GET, HEAD"]);
      return problem(405, "method_not_allowed", "Ask for the token with GET.", allow);
    }
    const token = exchange.path.slice(CHALLENGE_PATH.length);
    const answer = this.#options.challenges.get(token);
    if (answer === undefined) {
      return problem(404, "challenge_unknown", "There is no challenge with this token.");
    }
    // RFC 8555 8.3.
    return new Reply(answer, 200, new HeaderList(["content-type", "application/octet-stream"]));
  }
}
