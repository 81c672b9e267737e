import { lookup } from "node:dns/promises";
import { HeaderList } from "../../http/header-list.ts";
import { parseIp } from "../../http/ip-address.ts";
import { connectPlain } from "../../runtime/bun-connect.ts";
import type { Socket } from "../../runtime/socket.ts";
import { connectTls } from "../../runtime/tls-connect.ts";
import type { Call, UpstreamReply, UpstreamTimeouts } from "../../upstream/call.ts";
import { Http1ClientConnection } from "../../upstream/http1/client-connection.ts";
import { sourceFrom } from "../../wire/source.ts";
import type { HostRequest, HostResponse } from "../abi/abi.ts";
import { HostFault } from "../abi/abi.ts";
import { CapabilityDenied } from "../errors.ts";
import type { NetworkRules } from "./network-rules.ts";
import { addressIsAllowed, hostIsAllowed } from "./network-rules.ts";

const MAX_REDIRECTS = 5;
const METHOD = /^[A-Za-z]{1,32}$/;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** What frames a message or belongs to the connection is not the guest's to say. */
const OURS = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
/** What another origin must not be told (Fetch 4.4). */
const CREDENTIALS = new Set(["authorization", "cookie", "proxy-authorization"]);
const NO_TIMEOUTS: UpstreamTimeouts = { connectMs: 0, firstByteMs: 0, idleMs: 0 };

type LookUp = (host: string) => Promise<readonly { readonly address: string }[]>;

interface Target {
  readonly url: URL;
  readonly host: string;
  readonly port: number;
}

/** HTTP requests of guests, under the rules of a capability. */
export class HostNetwork {
  readonly #rules: NetworkRules;
  readonly #lookup: LookUp;
  #active = 0;

  /** @param lookUp all addresses of a name */
  constructor(rules: NetworkRules, lookUp: LookUp = (host) => lookup(host, { all: true })) {
    this.#rules = rules;
    this.#lookup = lookUp;
  }

  /** @throws (rejects with) CapabilityDenied, or a HostFault when it failed */
  async request(request: HostRequest): Promise<HostResponse> {
    checkRequest(request, this.#rules);
    if (this.#active >= this.#rules.maxConcurrent) {
      throw new HostFault(
        "EAGAIN",
        `${this.#active} requests of this sandbox are under way already`,
      );
    }
    this.#active++;
    const limit = Math.min(request.timeoutMs ?? Infinity, this.#rules.timeoutMs);
    const giveUp = new AbortController();
    const timer = setTimeout(
      () => giveUp.abort(new HostFault("ETIMEDOUT", `no answer within ${limit} ms`)),
      limit,
    );
    try {
      return await this.#follow(request, giveUp.signal);
    } catch (error) {
      if (giveUp.signal.aborted) throw giveUp.signal.reason;
      if (error instanceof CapabilityDenied || error instanceof HostFault) throw error;
      const { code } = error as { code?: string };
      throw new HostFault(code ?? "EIO", `the request failed: ${(error as Error).message}`);
    } finally {
      clearTimeout(timer);
      this.#active--;
    }
  }

  async #follow(request: HostRequest, signal: AbortSignal): Promise<HostResponse> {
    let { method, body, headers } = request;
    let target = this.#target(request.url);
    for (let redirects = 0; ; redirects++) {
      const answer = await this.#exchange({ ...request, method, body, headers }, target, signal);
      const { status } = answer;
      const location = answer.headers.find(([name]) => name === "location")?.[1];
      const isRedirect = [301, 302, 303, 307, 308].includes(status) && location !== undefined;
      if (!isRedirect || !this.#rules.followRedirects) return answer;
      if (redirects === MAX_REDIRECTS) throw new HostFault("ELOOP", "too many redirects");
      // A redirect goes through all checks again: it may name any place.
      const next = this.#target(new URL(location, target.url).href);
      if (status === 303 || (status < 303 && method === "POST")) {
        method = method === "HEAD" ? "HEAD" : "GET";
        body = new Uint8Array();
        headers = headers.filter(([name]) => !name.toLowerCase().startsWith("content-"));
      }
      if (next.url.origin !== target.url.origin) {
        headers = headers.filter(([name]) => !CREDENTIALS.has(name.toLowerCase()));
      }
      target = next;
    }
  }

  /** What a URL means, if the rules allow it as far as can be told by the name. */
  #target(text: string): Target {
    if (!URL.canParse(text)) throw new HostFault("EINVAL", "the URL is none, or not absolute");
    const url = new URL(text);
    const { schemes, ports } = this.#rules;
    const scheme = url.protocol.slice(0, -1);
    if (!schemes.includes(scheme)) {
      throw new CapabilityDenied("network", `${scheme}: is not among the schemes allowed`);
    }
    const port = url.port === "" ? (scheme === "https" ? 443 : 80) : Number(url.port);
    if (ports !== undefined && !ports.includes(port)) {
      throw new CapabilityDenied("network", `port ${port} is not allowed`);
    }
    const host = url.hostname
      .replace(/^\[|\]$/g, "")
      .replace(/\.$/, "")
      .toLowerCase();
    if (!hostIsAllowed(this.#rules, host)) {
      throw new CapabilityDenied("network", `${host} is not among the hosts allowed`);
    }
    return { url, host, port };
  }

  async #exchange(
    request: HostRequest,
    target: Target,
    signal: AbortSignal,
  ): Promise<HostResponse> {
    const address = await beforeAbort(this.#resolve(target.host), signal);
    const socket = await open(target, address, signal);
    const most = Math.min(request.maxResponseBytes ?? Infinity, this.#rules.maxResponseBytes);
    return await send(request, target, socket, most, signal);
  }

  /** The address to connect to. What is checked is what is used: the name is not looked up again. */
  async #resolve(host: string): Promise<string> {
    const literal = parseIp(host);
    const addresses =
      literal === undefined
        ? (await this.#lookup(host)).map(({ address }) => address)
        : [literal.toString()];
    // Any that is refused refuses the name: one that means both inside and outside is an attack.
    for (const address of addresses) {
      if (!addressIsAllowed(this.#rules, address)) {
        throw new CapabilityDenied("network", `${host} is at ${address}, which is not allowed`);
      }
    }
    const [first] = addresses;
    if (first === undefined) throw new HostFault("ENOTFOUND", `${host} has no address`);
    return first;
  }
}

/** What may take as long as it likes, such as a look-up of a name whose server does not answer. */
function beforeAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function checkRequest(request: HostRequest, { maxRequestBytes }: NetworkRules): void {
  const { method, url, headers, body } = request;
  const isList = Array.isArray(headers);
  if (typeof method !== "string" || !METHOD.test(method)) {
    throw new HostFault("EINVAL", "the method is none");
  }
  if (/^(connect|trace)$/i.test(method)) throw new HostFault("EINVAL", `${method} is not done`);
  if (typeof url !== "string" || url.length > 8192 || !isList || !(body instanceof Uint8Array)) {
    throw new HostFault("EINVAL", "the request is none");
  }
  if (body.byteLength > maxRequestBytes) {
    throw new HostFault("EMSGSIZE", `the body is longer than ${maxRequestBytes} bytes`);
  }
  if (headers.length > 100) throw new HostFault("EMSGSIZE", "there are more than 100 headers");
  for (const field of headers) {
    const [name, value] = field;
    if (typeof name !== "string" || typeof value !== "string" || !TOKEN.test(name)) {
      throw new HostFault("EINVAL", "a header has no valid name");
    }
    // RFC 9110 5.5: no control characters but the tab.
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value) || value.length > 16_384) {
      throw new HostFault("EINVAL", `the header ${name} has no valid value`);
    }
  }
}

async function open({ url, host, port }: Target, ip: string, signal: AbortSignal): Promise<Socket> {
  const address = { host: ip, port };
  if (url.protocol === "http:") return connectPlain(address, signal);
  const settings = {
    serverName: host,
    verify: true,
    minVersion: "TLSv1.2" as const,
    alpn: ["http/1.1"],
  };
  return (await connectTls(address, settings, signal)).socket;
}

function send(
  request: HostRequest,
  { url, host }: Target,
  socket: Socket,
  most: number,
  signal: AbortSignal,
): Promise<HostResponse> {
  const { body } = request;
  const headers = new HeaderList();
  for (const [name, value] of request.headers) {
    if (!OURS.has(name.toLowerCase())) headers.append(name, value);
  }
  const method = request.method.toUpperCase();
  if (body.byteLength > 0 || /^(POST|PUT|PATCH)$/.test(method)) {
    headers.set("content-length", String(body.byteLength));
  }
  return new Promise((resolve, reject) => {
    const owner = { name: host, authority: url.host, idle: () => socket.destroy(), gone() {} };
    const connection = new Http1ClientConnection(socket, owner, performance.now());
    const fail = (error: unknown): void => {
      signal.removeEventListener("abort", abort);
      socket.destroy();
      reject(error as Error);
    };
    const abort = (): void => fail(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    const call: Call = {
      request: {
        method,
        target: url.pathname + url.search,
        authority: url.host,
        headers,
        body: body.byteLength === 0 ? null : sourceFrom([body], body.byteLength),
      },
      timeouts: NO_TIMEOUTS,
      inform() {},
      resolve: (reply) => {
        collect(reply, most).then((response) => {
          signal.removeEventListener("abort", abort);
          socket.destroy();
          resolve(response);
        }, fail);
      },
      reject: fail,
      finished() {},
      abort: undefined,
    };
    connection.start(call);
  });
}

/** All of an answer, in memory. */
async function collect(reply: UpstreamReply, most: number): Promise<HostResponse> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const take = (chunk: Uint8Array): void => {
    size += chunk.byteLength;
    if (size > most) throw new HostFault("EMSGSIZE", `the answer is longer than ${most} bytes`);
    chunks.push(chunk.slice());
  };
  const { status, body } = reply;
  if (body instanceof Uint8Array) take(body);
  else if (body !== null) {
    for (;;) {
      const chunk = await body.pull();
      if (chunk === null) break;
      take(chunk);
    }
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  const headers = [...reply.headers].map(([name, value]) => [name.toLowerCase(), value] as const);
  return { status, headers, body: whole };
}
