import { App } from "../../core/app.ts";
import type { Context } from "../../core/context.ts";
import { fetchThrough } from "../../core/fetch-through.ts";
import type { AuditReport } from "../../sandbox/sandbox.ts";
import type { WasmSandbox } from "../../sandbox/sandbox.ts";
import { wasmHandler } from "../../sandbox/http/wasm-handler.ts";
import { wasmMiddleware } from "../../sandbox/http/wasm-middleware.ts";
import { escapeControls } from "../../telemetry/log/escape.ts";
import type { Arguments } from "../command.ts";
import { UsageError } from "../command.ts";
import type { Shell } from "../shell.ts";
import { builderFrom, entryOf, inputOf } from "./sandbox-of.ts";

/** Calls a guest once, and shows what it gave, what it logged and what it asked of its host. */
export async function runGuest(file: string, args: Arguments, shell: Shell): Promise<number> {
  const builder = builderFrom(file, args, shell).onLog(({ level, text }) => {
    shell.err(`${level}: ${escapeControls(text)}\n`);
  }, "debug");
  const input = inputOf(args, shell);
  try {
    await using sandbox = await builder.build();
    const request = args.options["request"] as string | undefined;
    if (request !== undefined || sandbox.abi === "http-wasm") {
      return await showAnswer(file, sandbox, request ?? "GET /", input, args, shell);
    }
    return await showOutput(sandbox, entryOf(args, sandbox), input, args, shell);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    shell.err(`error: ${file}: ${escapeControls((error as Error).message)}\n`);
    return 1;
  }
}

async function showOutput(
  sandbox: WasmSandbox,
  entry: string,
  input: Uint8Array | undefined,
  { options }: Arguments,
  shell: Shell,
): Promise<number> {
  const tell = ({ auditLog, memoryUsed, cpuMs }: AuditReport): void => {
    if (options["audit"] !== true) return;
    for (const { name, args, outcome, detail } of auditLog) {
      const why = detail === undefined ? "" : `: ${detail}`;
      shell.err(`${escapeControls(`${outcome} ${name} ${args}${why}`)}\n`);
    }
    shell.err(`${cpuMs.toFixed(2)} ms, ${memoryUsed} bytes of memory\n`);
  };
  try {
    const result = await sandbox.callWithAudit<Uint8Array>(entry, input, { as: "bytes" });
    const text = new TextDecoder().decode(result.output);
    shell.out(text.endsWith("\n") || text === "" ? text : `${text}\n`);
    tell(result);
    return 0;
  } catch (error) {
    const { audit } = error as { audit?: AuditReport };
    if (audit !== undefined) tell(audit);
    throw error;
  }
}

/** What stands behind a middleware here: it tells what has come through. */
async function passedOn(c: Context): Promise<string> {
  const { method, exchange } = c;
  const lines = [`passed on: ${method} ${exchange.target}`];
  for (const [name, value] of exchange.headers) lines.push(`${name}: ${value}`);
  const body = await c.text();
  return `${[...lines, ...(body === "" ? [] : ["", body])].join("\n")}\n`;
}

/** Asks a guest for HTTP as a server would. */
async function showAnswer(
  file: string,
  sandbox: WasmSandbox,
  request: string,
  body: Uint8Array | undefined,
  { options }: Arguments,
  shell: Shell,
): Promise<number> {
  const [, method, path] = /^([A-Za-z]+) (\/\S*)$/.exec(request) ?? [];
  if (method === undefined || path === undefined) {
    throw new UsageError(`${JSON.stringify(request)} is no request: write it as "POST /path"`);
  }
  const headers = new Headers();
  for (const line of (options["header"] as string | undefined)?.split("\n") ?? []) {
    const colon = line.indexOf(":");
    if (colon < 1) throw new UsageError(`${JSON.stringify(line)} is no field`, '-H "X-A: 1"');
    headers.append(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
  }
  const app = new App();
  if (sandbox.abi === "http-wasm") {
    app.use(wasmMiddleware(sandbox)).add({ path: "/*", handler: passedOn });
  } else {
    const call = options["call"] as string | undefined;
    app.add({ path: "/*", handler: wasmHandler(sandbox, call === undefined ? {} : { call }) });
  }
  const sent = new Request(`http://localhost${path}`, {
    method,
    headers,
    ...(body !== undefined && { body: body as Uint8Array<ArrayBuffer> }),
  });
  const answer = await fetchThrough(app, sent, (error) => {
    shell.err(`error: ${file}: ${(error as Error).message}\n`);
  });
  shell.out(`${answer.status}\n`);
  for (const [name, value] of answer.headers) shell.out(`${name}: ${value}\n`);
  const text = await answer.text();
  shell.out(`\n${text.endsWith("\n") || text === "" ? text : `${text}\n`}`);
  return answer.status < 500 ? 0 : 1;
}
