import type { BackendOptions } from "../../backend-options.ts";
import { backendUrl } from "../backend-url.ts";
import type { JsonValue } from "../json-value.ts";

/** Which port of a service, by name or number; undefined for the only one. */
export type PortChoice = string | number | undefined;

/**
 * The backends of an EndpointSlice (discovery.k8s.io/v1).
 *
 * Endpoints that are ready are backends. Those that end and still serve are backups: they are asked only while
 * there is no other, as kube-proxy does it.
 */
export function sliceBackends(
  slice: JsonValue,
  choice: PortChoice,
  scheme: string,
): (BackendOptions | Error)[] {
  const endpoints = slice.at("endpoints").list;
  if (endpoints.length === 0) return [];
  const port = portOf(slice, choice);
  if (port instanceof Error) return [port];
  return endpoints.flatMap((endpoint): BackendOptions[] => {
    // All addresses of an endpoint lead to the same: the first is enough.
    const address = endpoint.at("addresses").list[0]?.text;
    if (address === undefined) return [];
    const conditions = endpoint.at("conditions");
    // What is not said counts as ready, and serving is what ready is.
    const ready = conditions.at("ready").flag ?? true;
    const serving = conditions.at("serving").flag ?? ready;
    const ends = conditions.at("terminating").flag ?? false;
    const url = backendUrl(scheme, address, port);
    if (ready && !ends) return [{ url }];
    return serving && ends ? [{ url, backup: true }] : [];
  });
}

function portOf(slice: JsonValue, choice: PortChoice): number | Error {
  const name = slice.at("metadata", "name").text ?? "an EndpointSlice";
  const ports = slice
    .at("ports")
    .list.filter((one) => (one.at("protocol").text ?? "TCP") === "TCP");
  const found =
    choice === undefined
      ? ports
      : ports.filter((one) => one.at("name").text === choice || one.at("port").integer === choice);
  const [port] = found;
  const number = port?.at("port").integer;
  if (number !== undefined && found.length === 1) return number;
  const names = ports.map((one) => one.at("name").text ?? one.at("port").integer).join(", ");
  return new Error(
    found.length > 1
      ? `${name} has several ports: say which of ${names}`
      : `${name} has no port ${choice ?? "at all"}${names === "" ? "" : `; it has ${names}`}`,
  );
}
