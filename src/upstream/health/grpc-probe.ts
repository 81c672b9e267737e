import { HeaderList } from "../../http/header-list.ts";
import { sourceFrom } from "../../wire/source.ts";
import type { UpstreamReply } from "../call.ts";
import type { Probe } from "./health-checker.ts";
import type { SendProbe } from "./send-probe.ts";
import { discard, readStart } from "./send-probe.ts";

export interface GrpcProbeOptions {
  /** The service asked about; "" is the whole server. */
  readonly service: string;
  readonly host: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

const PATH = "/grpc.health.v1.Health/Check";
/** HealthCheckResponse.ServingStatus */
const STATUSES = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];
const SERVING = 1;
/** An answer has a few bytes. */
const MOST_BODY = 1_024;
/** gRPC statuses that have a meaning of their own here. */
const NOT_FOUND = "5";
const UNIMPLEMENTED = "12";

/** Asks `grpc.health.v1.Health/Check` (the gRPC health checking protocol). */
export function grpcProbe(options: GrpcProbeOptions, send: SendProbe): Probe {
  const message = checkRequest(options.service);
  return async (signal) => {
    const headers = HeaderList.from(options.headers);
    headers.set("content-type", "application/grpc");
    headers.set("te", "trailers");
    const reply = await send(
      {
        method: "POST",
        target: PATH,
        authority: options.host,
        headers,
        body: sourceFrom([message], message.byteLength),
      },
      signal,
    );
    if (reply.status !== 200) {
      discard(reply.body);
      throw new Error(`answered ${reply.status}, not as gRPC does`);
    }
    const answer = await readStart(reply.body, MOST_BODY);
    checkStatus(reply, options.service);
    const serving = servingStatus(answer);
    if (serving !== SERVING) throw new Error(`says ${STATUSES[serving] ?? `status ${serving}`}`);
  };
}

/** HealthCheckRequest { string service = 1; } as a gRPC message: no compression, length, protobuf. */
function checkRequest(service: string): Uint8Array<ArrayBuffer> {
  const name = new TextEncoder().encode(service);
  const protobuf = name.length === 0 ? [] : [0x0a, ...varint(name.length), ...name];
  const message = new Uint8Array(5 + protobuf.length);
  new DataView(message.buffer).setUint32(1, protobuf.length);
  message.set(protobuf, 5);
  return message;
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  for (; left > 0x7f; left >>>= 7) bytes.push((left & 0x7f) | 0x80);
  return [...bytes, left];
}

/** The status is in the trailers, or in the head when there is nothing else. */
function checkStatus({ headers, body }: UpstreamReply, service: string): void {
  const trailers = body === null || body instanceof Uint8Array ? undefined : body.trailers;
  const status = trailers?.get("grpc-status") ?? headers.get("grpc-status");
  if (status === "0") return;
  if (status === UNIMPLEMENTED) throw new Error("has no grpc.health.v1.Health service");
  if (status === NOT_FOUND) throw new Error(`knows no service ${JSON.stringify(service)}`);
  throw new Error(
    status === null || status === undefined
      ? "the answer has no grpc-status"
      : `answered with grpc-status ${status}`,
  );
}

/** HealthCheckResponse { ServingStatus status = 1; }; a field that is left out is 0. */
function servingStatus(answer: Uint8Array): number {
  const { byteLength } = answer;
  const view = new DataView(answer.buffer, answer.byteOffset, byteLength);
  if (byteLength < 5 || answer[0] !== 0 || view.getUint32(1) !== byteLength - 5) {
    throw new Error("the answer is no single gRPC message");
  }
  if (byteLength === 5) return 0;
  if (byteLength !== 7 || answer[5] !== 0x08) {
    throw new Error("the answer is no HealthCheckResponse");
  }
  return answer[6] as number;
}
