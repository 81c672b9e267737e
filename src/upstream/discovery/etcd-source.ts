import type { BackendOptions } from "../backend-options.ts";
import type { ApiTls } from "./api-client.ts";
import { ApiClient } from "./api-client.ts";
import type { Discovered, DiscoverySource } from "./discovery-source.ts";
import { JsonValue } from "./json-value.ts";
import { pause } from "./pause.ts";
import { readBackendText } from "./read-backend-file.ts";

export interface EtcdOptions {
  /** Keys that begin so each have a backend as their value: `/services/api/`. */
  readonly prefix: string;
  /** Members: `http://127.0.0.1:2379`, which is the default; the next one is asked when one cannot be reached. */
  readonly addresses?: readonly string[];
  /** A user who may read the keys. */
  readonly user?: string;
  readonly password?: string;
  readonly tls?: ApiTls;
}

/** A watch that nothing comes from for so long begins anew: its peer may be gone. */
const WATCH_MS = 5 * 60_000;
/** Between two of them, however soon the first one ends. */
const LEAST_MS = 100;

/**
 * Backends from the values of etcd keys that begin so (API v3, over its JSON gateway): an address with what a line of
 * a file may have, `10.0.0.1:8080 weight=3`, or `{ "url": "10.0.0.1:8080", "weight": 3 }`. A key whose lease ends is a
 * backend that is gone.
 *
 * @throws TypeError for a prefix that is empty
 * @example
 * const api = new Upstream({
 *   name: "api",
 *   backends: [],
 *   discovery: fromEtcd({ prefix: "/services/api/" }),
 * });
 * api.start();
 */
export function fromEtcd({
  prefix,
  addresses = ["http://127.0.0.1:2379"],
  user,
  password = "",
  tls,
}: EtcdOptions): DiscoverySource {
  if (prefix === "") throw new TypeError("the prefix of keys must not be empty");
  const range = { key: base64(encoder.encode(prefix)), range_end: base64(rangeEnd(prefix)) };
  return {
    name: `etcd ${prefix}`,
    async *watch(signal) {
      const client = new ApiClient({ name: "etcd", addresses, ...(tls && { tls }) });
      try {
        const headers =
          user === undefined ? {} : await authenticate(client, { name: user, password }, signal);
        while (!signal.aborted) {
          const request = { target: "/v3/kv/range", json: range, headers };
          const { value } = await client.get(request, signal);
          const answer = new JsonValue(value);
          const keys = new Map<string, string>();
          for (const kv of answer.at("kvs").list) note(keys, kv);
          const revision = answer.at("header", "revision").integer;
          if (revision === undefined)
            throw new Error("etcd gives no revision: is it etcd that answers?");
          yield backendsOf(keys);
          const create = { ...range, start_revision: String(revision + 1) };
          const watch = {
            target: "/v3/watch",
            json: { create_request: create },
            headers,
          };
          for await (const line of client.lines(watch, signal, WATCH_MS)) {
            const result = new JsonValue(line);
            refuseError(result.at("error"));
            // Compacted meanwhile, or the member is about to end: from the beginning.
            if (result.at("result", "canceled").flag === true) {
              refuseCancel(result.at("result"));
              break;
            }
            const events = result.at("result", "events").list;
            for (const event of events) {
              if (event.at("type").text === "DELETE") keys.delete(event.at("kv", "key").text ?? "");
              else note(keys, event.at("kv"));
            }
            if (events.length > 0) yield backendsOf(keys);
          }
          await pause(LEAST_MS, signal);
        }
      } finally {
        client.close();
      }
    },
  };
}

async function authenticate(
  client: ApiClient,
  who: { name: string; password: string },
  signal: AbortSignal,
): Promise<Record<string, string>> {
  const { value } = await client.get({ target: "/v3/auth/authenticate", json: who }, signal);
  const token = new JsonValue(value).at("token").text;
  if (token === undefined) throw new Error("etcd gives no token");
  return { authorization: token };
}

function note(keys: Map<string, string>, kv: JsonValue): void {
  const key = kv.at("key").text;
  if (key !== undefined) keys.set(key, kv.at("value").text ?? "");
}

/** An error in the middle of a stream (grpc-gateway). */
function refuseError(error: JsonValue): void {
  if (error.value === undefined) return;
  throw new Error(
    `etcd ends the watch: ${error.at("message").text ?? JSON.stringify(error.value)}`,
  );
}

/** A watch that is ended for another reason than compaction would be ended again. */
function refuseCancel(result: JsonValue): void {
  const compacted = result.at("compact_revision").integer ?? 0;
  if (compacted > 0) return;
  throw new Error(`etcd ends the watch: ${result.at("cancel_reason").text ?? "it says no reason"}`);
}

function backendsOf(keys: ReadonlyMap<string, string>): Discovered {
  // In the order of the keys, whatever the order of their changes.
  const entries = [...keys].map(([key, value]) => [text(key), text(value)] as const);
  return entries
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]): BackendOptions | Error => {
      try {
        return readBackendText(value);
      } catch (error) {
        return new Error(`${key}: ${(error as Error).message}`, { cause: error });
      }
    });
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The first key behind all that begin so. UTF-8 has no byte 0xff: the last one can always be one more. */
function rangeEnd(prefix: string): Uint8Array {
  const end = encoder.encode(prefix);
  end[end.length - 1] = (end.at(-1) as number) + 1;
  return end;
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function text(encoded: string): string {
  try {
    return decoder.decode(Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0)));
  } catch {
    return encoded;
  }
}
