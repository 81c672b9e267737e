// Both ends of a gRPC service, of @grpc/grpc-js. Run on Node: `server [tls]` prints its port, `client` its findings.
import { readFileSync } from "node:fs";
import grpc from "@grpc/grpc-js";

const json = {
  requestSerialize: (value) => Buffer.from(JSON.stringify(value)),
  requestDeserialize: (bytes) => JSON.parse(bytes.toString()),
  responseSerialize: (value) => Buffer.from(JSON.stringify(value)),
  responseDeserialize: (bytes) => JSON.parse(bytes.toString()),
};
const method = (name, requestStream, responseStream) => ({
  path: `/test.Echo/${name}`,
  requestStream,
  responseStream,
  ...json,
});
const definition = {
  unary: method("Unary", false, false),
  fail: method("Fail", false, false),
  never: method("Never", false, false),
  gone: method("Gone", false, false),
  sum: method("Sum", true, false),
  count: method("Count", false, true),
  drip: method("Drip", false, true),
  chat: method("Chat", true, true),
};

const [role, ...rest] = process.argv.slice(2);
if (role === "server") serve(rest[0]);
else await ask(rest[0], rest[1]);

function serve(tls) {
  /** Calls that were given up by their client. */
  let cancelled = 0;
  const server = new grpc.Server();
  server.addService(definition, {
    unary(call, reply) {
      const metadata = new grpc.Metadata();
      metadata.set("x-first", "1");
      call.sendMetadata(metadata);
      const trailers = new grpc.Metadata();
      trailers.set("x-last", "2");
      trailers.set("x-last-bin", Buffer.from([0, 255]));
      const name = call.metadata.get("x-name")[0] ?? "";
      reply(null, { ...call.request, name }, trailers);
    },
    fail(_call, reply) {
      const metadata = new grpc.Metadata();
      metadata.set("x-why", "so");
      reply({ code: grpc.status.FAILED_PRECONDITION, details: "nö: 100 %", metadata });
    },
    never(call) {
      call.on("cancelled", () => cancelled++);
    },
    gone(_call, reply) {
      reply(null, { cancelled });
    },
    sum(call, reply) {
      let sum = 0;
      call.on("data", (value) => (sum += value.length));
      call.on("end", () => reply(null, { sum }));
    },
    count(call) {
      for (let i = 0; i < call.request.to; i++) call.write({ i, fill: call.request.fill });
      call.end();
    },
    drip(call) {
      call.write({ i: 0 });
      call.on("cancelled", () => cancelled++);
    },
    chat(call) {
      call.on("data", (value) => call.write({ echo: value }));
      call.on("end", () => call.end());
    },
  });
  const credentials =
    tls === undefined
      ? grpc.ServerCredentials.createInsecure()
      : grpc.ServerCredentials.createSsl(null, [
          { cert_chain: readFileSync(`${tls}/cert`), private_key: readFileSync(`${tls}/key`) },
        ]);
  server.bindAsync("127.0.0.1:0", credentials, (error, port) => {
    if (error !== null) throw error;
    console.log(port);
  });
  process.stdin.on("end", () => process.exit(0)).resume();
}

async function ask(target, tls) {
  const Client = grpc.makeGenericClientConstructor(definition, "test.Echo");
  const credentials =
    tls === undefined
      ? grpc.credentials.createInsecure()
      : grpc.credentials.createSsl(readFileSync(`${tls}/ca`));
  const client = new Client(target, credentials, { "grpc.max_receive_message_length": -1 });
  const found = {};
  found.unary = await unary(client, "unary", { text: "héllo" }, { name: "x" });
  const large = "x".repeat(1 << 20);
  const answer = await unary(client, "unary", { large });
  found.large = answer.value?.large === large;
  found.fail = await unary(client, "fail", {});
  found.sum = await new Promise((resolve) => {
    const call = client.sum((error, value) => resolve(error?.code ?? value));
    for (let i = 0; i < 20; i++) call.write("x".repeat(60_000));
    call.end();
  });
  found.count = (await gather(client.count({ to: 40, fill: "x".repeat(30_000) }))).length;
  found.chat = await chat(client.chat());
  found.deadline = await unary(client, "never", {}, {}, 150);
  found.streamDeadline = await failing(client.drip({}, { deadline: Date.now() + 150 }));
  found.cancel = await new Promise((resolve) => {
    const call = client.drip({});
    call.on("data", () => call.cancel());
    call.on("error", (error) => resolve(error.code));
  });
  for (let i = 0; i < 100; i++) {
    found.cancelled = (await unary(client, "gone", {})).value?.cancelled;
    if (found.cancelled >= 3) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  client.close();
  console.log(JSON.stringify(found));
}

function unary(client, name, value, fields = {}, deadlineMs = 10_000) {
  const metadata = new grpc.Metadata();
  for (const [key, text] of Object.entries(fields)) metadata.set(`x-${key}`, text);
  return new Promise((resolve) => {
    const result = {};
    const options = { deadline: Date.now() + deadlineMs };
    const call = client[name](value, metadata, options, (error, answer) => {
      if (error === null) result.value = answer;
      else Object.assign(result, { code: error.code, details: error.details });
    });
    call.on("metadata", (head) => (result.first = head.get("x-first")));
    call.on("status", ({ metadata: last }) => {
      result.last = ["x-last", "x-last-bin", "x-why"].flatMap((key) =>
        last.get(key).map((one) => (typeof one === "string" ? one : [...one])),
      );
      // The answer is told before or behind the status.
      setImmediate(() => resolve(result));
    });
  });
}

async function gather(call) {
  const values = [];
  for await (const value of call) values.push(value);
  return values;
}

/** Each waits for the answer to the one before it. */
async function chat(call) {
  const texts = [];
  call.write("one");
  for await (const { echo } of call) {
    texts.push(echo);
    if (texts.length < 3) call.write(`${texts.length}`);
    else call.end();
  }
  return texts;
}

function failing(call) {
  return new Promise((resolve) => {
    let values = 0;
    call.on("data", () => values++);
    call.on("error", (error) => resolve([values, error.code]));
    call.on("end", () => {});
  });
}
