import * as z from "zod";
import { field } from "./field.ts";
import { size } from "./middleware/size.ts";
import { nonEmpty } from "./text.ts";

const milliseconds = z.int().min(1).max(600_000).optional();

const network = z.strictObject({
  hosts: field(z.array(nonEmpty).min(1), {
    description: 'Names and addresses: "api.example.com", "*.example.com" for names below it.',
    example: '["api.internal.example"]',
  }),
  ports: field(z.array(z.int().min(1).max(65_535)).min(1).default([443]), {
    description: "Ports.",
    example: "[443]",
  }),
  private_addresses: field(z.boolean().default(false), {
    description: "Whether names may lead to loopback, private and link-local addresses.",
    example: "true",
  }),
  timeout_ms: field(z.int().min(1).max(600_000).default(10_000), {
    description: "Milliseconds for a request with its redirects.",
    example: "2000",
  }),
});

/** What is said of a guest wherever one is named. */
export const wasmGuest = {
  module: field(nonEmpty, {
    description: "The module, a .wasm file.",
    example: '"guests/verify.wasm"',
    path: true,
  }),
  policy: field(z.enum(["strict", "webService", "webSocket", "paranoid"]).default("strict"), {
    description: "The set of bounds that holds where none is set here; see the guide.",
    example: '"strict"',
  }),
  executor: field(z.enum(["inline", "worker", "process"]).optional(), {
    description:
      "Where the guest runs: on the thread of the server (for at most 10 ms a call), on threads of its own, or in a process. Left out: as the policy says.",
    example: '"inline"',
  }),
  memory_limit: field(size.optional(), {
    description: "Memory of one instance. Bytes, or a text.",
    example: '"16MiB"',
    expected: 'bytes, or a size such as "16MiB"',
  }),
  cpu_timeout_ms: field(milliseconds, {
    description: "Milliseconds the guest may run in one call.",
    example: "50",
  }),
  call_timeout_ms: field(milliseconds, {
    description: "Milliseconds a call may take, waiting included.",
    example: "1000",
  }),
  instances: field(z.int().min(1).max(1024).default(1), {
    description: "How many instances answer at a time.",
    example: "4",
  }),
  max_body: field(size.default(1024 * 1024), {
    description: "The longest body that is read for the guest; beyond it 413. Bytes, or a text.",
    example: '"256KiB"',
    expected: 'bytes, or a size such as "256KiB"',
  }),
  config: field(z.union([z.string(), z.record(z.string(), z.string())]).optional(), {
    description:
      "Settings that the guest can ask for: a text, or texts by name; secrets from env:NAME or file:PATH.",
    example: '{ mode = "prod" }',
    expected: "a text, or a table of texts",
  }),
  env: field(z.record(z.string(), z.string()).default({}), {
    description: "Variables of the environment that the guest has; no others.",
    example: '{ MODE = "prod" }',
  }),
  files: field(
    z
      .record(
        z.string(),
        field(nonEmpty, {
          description: "Where the directory is.",
          example: '"./public"',
          path: true,
        }),
      )
      .default({}),
    {
      description: "Directories that the guest may read, by the names that it has for them.",
      example: '{ "/data" = "./public-data" }',
    },
  ),
  network: field(network.optional(), {
    description: "Where the guest's own HTTP requests may go. Left out: nowhere.",
  }),
};

export const wasmAction = z.strictObject({
  type: field(z.literal("wasm"), {
    description: "Answers with a WebAssembly module that is not trusted.",
    example: '"wasm"',
  }),
  ...wasmGuest,
  call: field(nonEmpty.default("handle"), {
    description: "The export that a module for Extism is called by; others have their own.",
    example: '"process_request"',
  }),
  content_type: field(nonEmpty.default("application/json"), {
    description: "The media type of what a module for Extism gives.",
    example: '"text/plain"',
  }),
});

const wasmLayer = z.strictObject({
  ...wasmGuest,
  name: field(nonEmpty.optional(), {
    description: "For lists and metrics. Left out: wasm.",
    example: '"verify"',
  }),
});

/** `[[route.middleware.wasm]]`, from the outermost to the innermost. */
export const wasmLayers = z.array(wasmLayer).min(1);
