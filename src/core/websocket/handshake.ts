import { HeaderList, TOKEN } from "../../http/header-list.ts";
import { acceptKey, isKey } from "../../wire/websocket/accept-key.ts";
import { parseExtensions } from "../../wire/websocket/extensions.ts";
import type { DeflateAgreement } from "../../wire/websocket/permessage-deflate.ts";
import { acceptDeflate } from "../../wire/websocket/permessage-deflate.ts";
import { HttpError } from "../errors.ts";
import type { Exchange } from "../exchange.ts";
import type { OriginRule } from "./origin.ts";
import { allowsOrigin } from "./origin.ts";

/** What a server offers. */
export interface HandshakeRules {
  readonly protocols: readonly string[];
  readonly origin: OriginRule;
  readonly compress: boolean;
}

/** A request that may become a WebSocket. */
export interface AcceptedHandshake {
  readonly status: 101 | 200;
  readonly headers: HeaderList;
  readonly subprotocol: string;
  readonly deflate: DeflateAgreement | undefined;
}

/**
 * Judges the opening handshake (RFC 6455 4.2), which in HTTP/2 is an extended CONNECT (RFC 8441 5).
 * @throws HttpError 400, 403 or 426 that says what is wrong
 */
export function acceptHandshake(exchange: Exchange, rules: HandshakeRules): AcceptedHandshake {
  const { headers } = exchange;
  const upgrades = exchange.protocol === "HTTP/1.1";
  const response = new HeaderList();
  if (upgrades) checkUpgrade(exchange);
  else checkConnect(exchange);
  const version = headers.joined("sec-websocket-version");
  if (version !== "13") {
    const detail = "This address speaks version 13 of WebSocket: send `Sec-WebSocket-Version: 13`.";
    const field = new HeaderList(["Sec-WebSocket-Version", "13"]);
    if (version === null) throw new HttpError(400, "websocket_version_missing", detail, field);
    throw new HttpError(426, "websocket_version", detail, withUpgrade(field, upgrades));
  }
  if (upgrades) {
    const key = headers.joined("sec-websocket-key");
    if (key === null || !isKey(key)) {
      const detail = "`Sec-WebSocket-Key` must be the base64 of 16 bytes, once (RFC 6455 4.1).";
      throw new HttpError(400, "websocket_key", detail);
    }
    response.flat.push("Upgrade", "websocket", "Sec-WebSocket-Accept", acceptKey(key));
  }
  if (!allowsOrigin(rules.origin, headers.joined("origin"), exchange.authority)) {
    const detail = "Pages of this origin may not connect here: see the route's `origin`.";
    throw new HttpError(403, "websocket_origin", detail);
  }
  const subprotocol = chooseProtocol(headers.joined("sec-websocket-protocol"), rules.protocols);
  if (subprotocol !== "") response.flat.push("Sec-WebSocket-Protocol", subprotocol);
  const offers = parseExtensions(headers.joined("sec-websocket-extensions"));
  if (offers === undefined) {
    const detail = "`Sec-WebSocket-Extensions` is malformed (RFC 6455 9.1).";
    throw new HttpError(400, "websocket_extensions", detail);
  }
  const deflate = rules.compress ? acceptDeflate(offers) : undefined;
  if (deflate !== undefined) response.flat.push("Sec-WebSocket-Extensions", deflate.response);
  return { status: upgrades ? 101 : 200, headers: response, subprotocol, deflate };
}

function checkUpgrade({ method, upgradeProtocol, body }: Exchange): void {
  if (method !== "GET" || !offersWebSocket(upgradeProtocol)) {
    const detail = "This address speaks WebSocket: connect with a WebSocket client.";
    throw new HttpError(426, "upgrade_required", detail, withUpgrade(new HeaderList(), true));
  }
  if (body !== null) {
    const detail = "The handshake of a WebSocket has no content.";
    throw new HttpError(400, "websocket_content", detail);
  }
}

function checkConnect({ method, protocol, upgradeProtocol }: Exchange): void {
  if (protocol === "HTTP/2" && method === "CONNECT" && upgradeProtocol === "websocket") return;
  const detail =
    "This address speaks WebSocket: connect over HTTP/1.1, or by CONNECT with `:protocol` in HTTP/2 (RFC 8441).";
  throw new HttpError(426, "upgrade_required", detail);
}

/** RFC 9110 15.5.22: a 426 names the protocol; the field means nothing in HTTP/2. */
function withUpgrade(headers: HeaderList, upgrades: boolean): HeaderList {
  if (upgrades) headers.flat.push("Upgrade", "websocket");
  return headers;
}

/** The first of the client's that is spoken here (RFC 6455 4.2.2), or "". */
function chooseProtocol(field: string | null, spoken: readonly string[]): string {
  if (field === null) return "";
  const offered = field.split(",").map((name) => name.trim());
  if (!offered.every((name) => TOKEN.test(name)) || new Set(offered).size < offered.length) {
    const detail = "`Sec-WebSocket-Protocol` must be a list of different tokens (RFC 6455 4.1).";
    throw new HttpError(400, "websocket_protocol", detail);
  }
  return offered.find((name) => spoken.includes(name)) ?? "";
}

/** Whether WebSocket is among the protocols that are offered, lower-case and separated by commas. */
function offersWebSocket(offered: string | undefined): boolean {
  if (offered === undefined) return false;
  return offered.split(",").some((protocol) => protocol.trim() === "websocket");
}
