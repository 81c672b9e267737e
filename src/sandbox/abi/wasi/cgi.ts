import { GuestError } from "../../errors.ts";
import type { HttpRequestMessage, HttpRequestOutcome } from "../http-message.ts";

/** The meta-variables of a request (RFC 3875 4.1), as `NAME=value`. */
export function cgiVariables(request: HttpRequestMessage): string[] {
  const { uri, host, source } = request;
  const question = uri.indexOf("?");
  const path = question < 0 ? uri : uri.slice(0, question);
  const portAt = host.lastIndexOf(":");
  const hasPort = portAt > host.lastIndexOf("]");
  const port = hasPort ? host.slice(portAt + 1) : request.scheme === "https" ? "443" : "80";
  const variables = [
    "GATEWAY_INTERFACE=CGI/1.1",
    `REQUEST_METHOD=${request.method}`,
    `REQUEST_URI=${uri}`,
    "SCRIPT_NAME=",
    `PATH_INFO=${path}`,
    `QUERY_STRING=${question < 0 ? "" : uri.slice(question + 1)}`,
    `SERVER_NAME=${hasPort ? host.slice(0, portAt) : host}`,
    `SERVER_PORT=${port}`,
    `SERVER_PROTOCOL=${request.protocol}`,
    "SERVER_SOFTWARE=sluice",
    `REMOTE_ADDR=${source.slice(0, Math.max(source.lastIndexOf(":"), 0)).replaceAll(/[[\]]/g, "")}`,
  ];
  if (request.body !== undefined && request.body.byteLength > 0) {
    variables.push(`CONTENT_LENGTH=${request.body.byteLength}`);
  }
  return variables.concat(fieldVariables(request.headers));
}

/** Request fields as variables: several of a name are joined (RFC 3875 4.1.18). */
function fieldVariables(headers: readonly string[]): string[] {
  const fields = new Map<string, string>();
  for (let i = 0; i < headers.length; i += 2) {
    const name = (headers[i] as string).toUpperCase();
    // `Proxy` would become HTTP_PROXY, which programs take for a setting (CVE-2016-5385); with an underscore in
    // its name a field could pass for another that was checked.
    if (name === "PROXY" || name === "CONTENT-LENGTH" || name.includes("_")) continue;
    const variable = name === "CONTENT-TYPE" ? "CONTENT_TYPE" : `HTTP_${name.replaceAll("-", "_")}`;
    const known = fields.get(variable);
    const value = headers[i + 1] as string;
    const separator = name === "COOKIE" ? "; " : ", ";
    fields.set(variable, known === undefined ? value : `${known}${separator}${value}`);
  }
  return [...fields].map(([name, value]) => `${name}=${value}`);
}

const MAX_HEAD_BYTES = 64 * 1024;

/** What a program wrote to stdout as an answer (RFC 3875 6). @throws GuestError when it is none */
export function parseCgi(output: Uint8Array): HttpRequestOutcome {
  const end = headEnd(output);
  let head = "";
  for (let i = 0; i < end.head; i++) head += String.fromCharCode(output[i] as number);
  let status: number | undefined;
  const headers: string[] = [];
  for (const line of head.split(/\r?\n/)) {
    if (line === "") continue;
    const colon = line.indexOf(":");
    if (colon <= 0) throw notCgi(`${JSON.stringify(line.slice(0, 80))} is no header line`);
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).trim();
    if (name.toLowerCase() !== "status") {
      headers.push(name, value);
      continue;
    }
    status = Number(/^([2-5]\d\d)(?: |$)/.exec(value)?.[1] ?? Number.NaN);
    if (Number.isNaN(status)) throw notCgi(`the status ${JSON.stringify(value.slice(0, 40))}`);
  }
  const isRedirect = headers.some((name, i) => i % 2 === 0 && name.toLowerCase() === "location");
  return {
    next: false,
    context: 0,
    features: 0,
    method: undefined,
    uri: undefined,
    headers: undefined,
    body: undefined,
    trailers: undefined,
    status: status ?? (isRedirect ? 302 : 200),
    responseHeaders: headers,
    responseBody: output.subarray(end.body),
    responseTrailers: [],
  };
}

/** Where the empty line is. */
function headEnd(output: Uint8Array): { head: number; body: number } {
  const most = Math.min(output.byteLength, MAX_HEAD_BYTES);
  for (let i = 0; i < most; i++) {
    if (output[i] !== 0x0a) continue;
    if (i === 0 || output[i + 1] === 0x0a) return { head: i, body: i === 0 ? 1 : i + 2 };
    if (output[i + 1] === 0x0d && output[i + 2] === 0x0a) return { head: i, body: i + 3 };
  }
  throw notCgi("there is no empty line behind the headers");
}

function notCgi(detail: string): GuestError {
  return new GuestError(`the program did not write a CGI answer to stdout: ${detail}`);
}
