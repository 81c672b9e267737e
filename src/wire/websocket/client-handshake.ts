import { HeaderList } from "../../http/header-list.ts";
import { acceptKey } from "./accept-key.ts";
import { CloseCode } from "./close-code.ts";
import { parseExtensions } from "./extensions.ts";
import type { DeflateAgreement } from "./permessage-deflate.ts";
import { confirmDeflate, DEFLATE_OFFER } from "./permessage-deflate.ts";
import { WebSocketError } from "./websocket-error.ts";

/** What a client asks for. */
export interface ClientOffer {
  /** Fields of the request, beside those that any request has. */
  readonly headers: HeaderList;
  readonly key: string;
  readonly protocols: readonly string[];
  readonly compress: boolean;
}

/** The client's half of the opening handshake over HTTP/1.1 (RFC 6455 4.1): a GET with these fields. */
export function offerWebSocket(protocols: readonly string[], compress: boolean): ClientOffer {
  const key = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
  const headers = HeaderList.from([
    ["Connection", "Upgrade"],
    ["Upgrade", "websocket"],
    ["Sec-WebSocket-Version", "13"],
    ["Sec-WebSocket-Key", key],
  ]);
  if (protocols.length > 0) headers.append("Sec-WebSocket-Protocol", protocols.join(", "));
  if (compress) headers.append("Sec-WebSocket-Extensions", DEFLATE_OFFER);
  return { headers, key, protocols, compress };
}

/**
 * Judges the server's answer (RFC 6455 4.1).
 * @throws WebSocketError when it is none to this offer: the connection must be closed
 */
export function confirmWebSocket(
  offer: ClientOffer,
  status: number,
  headers: HeaderList,
): { readonly subprotocol: string; readonly deflate: DeflateAgreement | undefined } {
  if (status !== 101) throw refused(`the server answered ${status} and not 101`);
  if (headers.joined("upgrade")?.toLowerCase() !== "websocket") {
    throw refused("the server changes to another protocol");
  }
  const connection = headers.joined("connection")?.toLowerCase().split(",") ?? [];
  if (!connection.some((option) => option.trim() === "upgrade")) {
    throw refused("the server does not change the protocol");
  }
  if (headers.joined("sec-websocket-accept") !== acceptKey(offer.key)) {
    throw refused("the server has not read the key");
  }
  const subprotocol = headers.joined("sec-websocket-protocol") ?? "";
  if (subprotocol !== "" && !offer.protocols.includes(subprotocol)) {
    throw refused("the server chose a subprotocol that was not offered");
  }
  const extensions = parseExtensions(headers.joined("sec-websocket-extensions"));
  if (extensions === undefined || (extensions.length > 0 && !offer.compress)) {
    throw refused("the server's extensions were not offered");
  }
  return { subprotocol, deflate: confirmDeflate(extensions) };
}

function refused(reason: string): WebSocketError {
  return new WebSocketError(CloseCode.protocolError, reason);
}
