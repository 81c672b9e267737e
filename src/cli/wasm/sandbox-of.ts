import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { SandboxBuilder } from "../../sandbox/builder.ts";
import { Capability } from "../../sandbox/capability.ts";
import type { ExecutorKind } from "../../sandbox/executor/executor.ts";
import { SecurityPolicy } from "../../sandbox/policy.ts";
import { WasmSandbox } from "../../sandbox/sandbox.ts";
import type { Arguments } from "../command.ts";
import { UsageError } from "../command.ts";
import type { Shell } from "../shell.ts";
import { readModuleFile } from "./inspect-module.ts";

/** The sandbox that a command line describes. @throws UsageError */
export function builderFrom(file: string, { options }: Arguments, shell: Shell): SandboxBuilder {
  const builder = WasmSandbox.builder().source(readModuleFile(file, shell));
  const text = (name: string): string | undefined => options[name] as string | undefined;
  const lines = (name: string): string[] => text(name)?.split("\n") ?? [];
  try {
    const policy = SecurityPolicy.named(text("policy") ?? "strict");
    builder.policy(policy).state("reset");
    const executor = text("executor");
    if (executor !== undefined) builder.executor(executor as ExecutorKind);
    const memory = text("memory");
    if (memory !== undefined) builder.memoryLimit(memory);
    const cpu = text("cpu-timeout");
    if (cpu !== undefined) builder.cpuTimeout(cpu);
    const config = lines("config").map((line) => pair(line, ""));
    if (config.length > 0) builder.config(Object.fromEntries(config));
    const env = lines("env").map((line) => pair(line));
    if (env.length > 0) builder.allow(Capability.env(Object.fromEntries(env)));
    const folders = lines("dir").map((line) => pair(line));
    if (folders.length > 0) {
      const absolute = folders.map(([name, folder]) => [name, resolve(shell.cwd, folder)] as const);
      builder.allow(Capability.files(Object.fromEntries(absolute)));
    }
    const hosts = lines("net");
    if (hosts.length > 0) builder.allow(networkOf(hosts));
    return builder;
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}

/** @param unnamed the name of a text without one */
function pair(line: string, unnamed?: string): [name: string, text: string] {
  const at = line.indexOf("=");
  if (at > 0) return [line.slice(0, at), line.slice(at + 1)];
  if (unnamed !== undefined && at < 0) return [unnamed, line];
  throw new UsageError(`${JSON.stringify(line)} must be written as NAME=TEXT`);
}

/** Whoever names an address of this network on the command line means it. */
function networkOf(lines: readonly string[]): Capability {
  const hosts: string[] = [];
  const ports = new Set<number>();
  for (const line of lines) {
    const [, host = line, port] = /^(.*?)(?::(\d{1,5}))?$/.exec(line) ?? [];
    hosts.push(host);
    for (const one of port === undefined ? [80, 443] : [Number(port)]) ports.add(one);
  }
  return Capability.network({ hosts, ports: [...ports], privateAddresses: true });
}

/** What is given to the guest: text, or `@FILE`. @throws UsageError */
export function inputOf({ options }: Arguments, shell: Shell): Uint8Array | undefined {
  const input = options["input"] as string | undefined;
  if (input === undefined) return undefined;
  if (!input.startsWith("@")) return new TextEncoder().encode(input);
  const file = resolve(shell.cwd, input.slice(1));
  try {
    return new Uint8Array(readFileSync(file));
  } catch (error) {
    throw new UsageError(`cannot read ${input.slice(1)}: ${(error as Error).message}`);
  }
}

/** The export to call. @throws UsageError where it must be named */
export function entryOf({ options }: Arguments, { abi, facts }: WasmSandbox): string {
  const call = options["call"] as string | undefined;
  if (call !== undefined) return call;
  if (abi === "wasi") return "_start";
  if (facts.exports.has("handle")) return "handle";
  const names = [...facts.exports].filter((name) => !name.startsWith("_"));
  if (names.length === 1) return names[0] as string;
  throw new UsageError(
    "say which export is to be called: --call NAME",
    `it has ${names.join(", ")}`,
  );
}
