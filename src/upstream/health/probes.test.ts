import { expect, test } from "bun:test";
import { HeaderList } from "../../http/header-list.ts";
import type { Source } from "../../wire/source.ts";
import { readAll, sourceFrom } from "../../wire/source.ts";
import type { Call, Transport, UpstreamReply, UpstreamRequest } from "../call.ts";
import { grpcProbe } from "./grpc-probe.ts";
import type { HttpProbeOptions } from "./http-probe.ts";
import { httpProbe } from "./http-probe.ts";
import { sendOver } from "./send-probe.ts";
import { tcpProbe } from "./tcp-probe.ts";

const never = new AbortController().signal;
const plain: HttpProbeOptions = {
  method: "GET",
  path: "/healthz?full",
  host: undefined,
  headers: { "x-probe": "1" },
  status: ["200-399"],
  body: undefined,
};

function answering(status: number, body: UpstreamReply["body"] = null, headers = new HeaderList()) {
  const requests: UpstreamRequest[] = [];
  const send = async (request: UpstreamRequest) => {
    requests.push(request);
    return { status, headers, body };
  };
  return { requests, send };
}

test("http: the request is as configured", async () => {
  const { requests, send } = answering(204);
  await httpProbe({ ...plain, method: "HEAD", host: "api" }, send)(never);
  expect(requests[0]).toMatchObject({ method: "HEAD", target: "/healthz?full", authority: "api" });
  expect(requests[0]?.headers.get("x-probe")).toBe("1");
});

test("http: statuses and ranges", async () => {
  const status = [200, "301-302"];
  for (const good of [200, 301, 302]) {
    await httpProbe({ ...plain, status }, answering(good).send)(never);
  }
  for (const bad of [201, 300, 303, 503]) {
    const probe = httpProbe({ ...plain, status }, answering(bad).send);
    await expect(probe(never)).rejects.toThrow(`answered ${bad}, not 200, 301-302`);
  }
});

test("http: text in the body, also across chunks, not beyond 64 KiB", async () => {
  const find = (chunks: string[]) =>
    httpProbe({ ...plain, body: "läuft" }, answering(200, sourceFrom(chunks)).send)(never);
  await find(["es lä", "uft"]);
  await expect(find(["es steht"])).rejects.toThrow('does not have "läuft"');
  await expect(find(["x".repeat(65_535), "läuft"])).rejects.toThrow("does not have");
  await expect(find([])).rejects.toThrow("does not have");
});

test("http: a body without an end is given up", async () => {
  let cancelled = 0;
  const endless: Source = {
    size: undefined,
    pull: () => new Uint8Array(10_000),
    cancel: () => void cancelled++,
  };
  await httpProbe(plain, answering(200, endless).send)(never);
  await expect(httpProbe(plain, answering(500, endless).send)(never)).rejects.toThrow(
    "answered 500",
  );
  await Promise.resolve();
  expect(cancelled).toBe(2);
});

const grpc = (service: string, send: ReturnType<typeof answering>["send"]) =>
  grpcProbe({ service, host: undefined, headers: {} }, send)(never);

function grpcAnswer(bytes: number[], status: string | undefined, inHead = false) {
  const fields = new HeaderList(status === undefined ? [] : ["grpc-status", status]);
  const body: Source = { ...sourceFrom(bytes.length === 0 ? [] : [Uint8Array.from(bytes)]) };
  return answering(
    200,
    inHead ? null : Object.assign(body, { trailers: fields }),
    inHead ? fields : new HeaderList(),
  );
}

test("grpc: the request is one message with the name of the service", async () => {
  const { requests, send } = grpcAnswer([0, 0, 0, 0, 2, 8, 1], "0");
  await grpc("shop", send);
  await grpc("", grpcAnswer([0, 0, 0, 0, 2, 8, 1], "0").send);
  const [request] = requests;
  expect(request?.target).toBe("/grpc.health.v1.Health/Check");
  expect(request?.headers.get("content-type")).toBe("application/grpc");
  expect([...(await readAll(request?.body as Source))]).toEqual([
    0, 0, 0, 0, 6, 0x0a, 4, 115, 104, 111, 112,
  ]);
});

test("grpc: a long name has a length of two bytes", async () => {
  const { requests, send } = grpcAnswer([0, 0, 0, 0, 2, 8, 1], "0");
  await grpc("x".repeat(200), send);
  const bytes = await readAll(requests[0]?.body as Source);
  expect([...bytes.subarray(0, 8)]).toEqual([0, 0, 0, 0, 203, 0x0a, 0xc8, 0x01]);
});

test.each([
  ["NOT_SERVING", [0, 0, 0, 0, 2, 8, 2], "0"],
  ["UNKNOWN", [0, 0, 0, 0, 0], "0"],
  ["status 9", [0, 0, 0, 0, 2, 8, 9], "0"],
  ["no single gRPC message", [], "0"],
  ["no single gRPC message", [0, 0, 0, 0, 9, 8, 1], "0"],
  ["no single gRPC message", [1, 0, 0, 0, 2, 8, 1], "0"],
  ["no HealthCheckResponse", [0, 0, 0, 0, 2, 16, 1], "0"],
  ["no grpc-status", [0, 0, 0, 0, 2, 8, 1], undefined],
  ["grpc-status 14", [], "14"],
] as const)("grpc: %s", async (message, bytes, status) => {
  await expect(grpc("", grpcAnswer([...bytes], status).send)).rejects.toThrow(message);
});

test("grpc: refusals in the head alone", async () => {
  await expect(grpc("", grpcAnswer([], "12", true).send)).rejects.toThrow("has no grpc.health.v1");
  await expect(grpc("a", grpcAnswer([], "5", true).send)).rejects.toThrow('knows no service "a"');
  await expect(grpc("a", answering(404).send)).rejects.toThrow("answered 404, not as gRPC does");
});

test("tcp: connects, and closes what it opened", async () => {
  let destroyed = 0;
  await tcpProbe(async () => ({ destroy: () => void destroyed++ }))(never);
  expect(destroyed).toBe(1);
  const refused = tcpProbe(() => Promise.reject(new Error("refused")));
  await expect(refused(never)).rejects.toThrow("refused");
});

test("over a transport: answered, refused, given up", async () => {
  const calls: Call[] = [];
  const transport: Transport = {
    start: (call) => void calls.push(call),
    close() {},
    connections: { open: 0, idle: 0 },
  };
  const send = sendOver(transport);
  const controller = new AbortController();
  const good = httpProbe(plain, send)(controller.signal);
  calls[0]?.resolve({ status: 200, headers: new HeaderList(), body: null });
  await good;
  const bad = httpProbe(plain, send)(controller.signal);
  calls[1]?.reject(new Error("reset"));
  await expect(bad).rejects.toThrow("reset");
  const slow = httpProbe(plain, send)(controller.signal);
  const last = calls[2] as Call;
  last.abort = (reason) => last.reject(reason);
  controller.abort(new Error("too slow"));
  await expect(slow).rejects.toThrow("too slow");
  await expect(httpProbe(plain, send)(controller.signal)).rejects.toThrow("too slow");
  expect(calls.length).toBe(3);
});
