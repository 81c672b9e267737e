import { parseIp } from "../../http/ip-address.ts";
import type { ProxyEnd, ProxyHeader } from "./proxy-header.ts";
import { malformed } from "./proxy-header.ts";

const UNKNOWN: ProxyHeader = {
  version: 1,
  local: true,
  transport: undefined,
  source: undefined,
  destination: undefined,
  tlvs: [],
};

const PORT = /^(?:0|[1-9]\d{0,4})$/;

/**
 * Reads the line of version 1, without its CR LF.
 * @throws ProxyProtocolError
 */
export function readTextHeader(line: string): ProxyHeader {
  // What follows UNKNOWN is to be ignored (2.1).
  if (line === "PROXY UNKNOWN" || line.startsWith("PROXY UNKNOWN ")) return UNKNOWN;
  const [, family, source, destination, sourcePort, destinationPort, more] = line.split(" ");
  if (family !== "TCP4" && family !== "TCP6") {
    throw malformed("a PROXY header names TCP4, TCP6 or UNKNOWN");
  }
  if (destinationPort === undefined || more !== undefined) {
    throw malformed("a PROXY header has two addresses and two ports, one space between them");
  }
  return {
    version: 1,
    local: false,
    transport: "tcp",
    source: end(family, source ?? "", sourcePort ?? ""),
    destination: end(family, destination ?? "", destinationPort),
    tlvs: [],
  };
}

function end(family: "TCP4" | "TCP6", address: string, port: string): ProxyEnd {
  // A zone says nothing to another machine.
  const ip = address.includes("%") ? undefined : parseIp(address);
  if (ip === undefined || address.includes(":") !== (family === "TCP6")) {
    throw malformed(`a PROXY header has an address that is not of ${family}`);
  }
  const number = Number(port);
  if (!PORT.test(port) || number > 65_535) {
    throw malformed("a PROXY header has a port that is none");
  }
  return { address: ip.toString(), port: number };
}
