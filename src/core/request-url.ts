import { HttpError } from "./errors.ts";

/**
 * The whole address of a request. RFC 3986 lets hosts be more than a URL's host can (URL 3.5), such as `999.1.1.1`, `a%2fb` or a port 99999.
 * @throws HttpError 400 then
 */
export function requestUrl(scheme: string, host: string, tail: string): URL {
  try {
    return new URL(`${scheme}://${host === "" ? "localhost" : host}${tail}`);
  } catch (cause) {
    const message = `There is no host ${JSON.stringify(host)}: ask for the one of this server.`;
    throw Object.assign(new HttpError(400, "host_invalid", message), { cause });
  }
}
