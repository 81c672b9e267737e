import type { DirectoryEntry, Guest } from "../abi.ts";
import { ByteSink } from "../byte-sink.ts";

/** What a descriptor stands for. */
export type Descriptor =
  | { readonly kind: "stdin" | "stdout" | "stderr" }
  | { readonly kind: "preopen"; readonly path: string; entries?: readonly DirectoryEntry[] }
  | {
      readonly kind: "file" | "directory";
      readonly path: string;
      readonly handle: number;
      offset: number;
      entries?: readonly DirectoryEntry[];
    };

/** More descriptors than any program of a request needs. */
const MAX_DESCRIPTORS = 256;
/** A line of stderr that is not ended is told when it is this long. */
const MAX_LINE = 8 * 1024;

/** What a WASI program is given, and what it leaves. One for each instance, made anew for each call. */
export class WasiProcess {
  readonly args: readonly string[] = ["guest"];
  /** Where stdout goes: what a program answers, or lines of a log. */
  keepsOutput = false;
  readonly #guest: Guest;
  #stdin: Uint8Array = EMPTY;
  #stdinAt = 0;
  #output: ByteSink | undefined;
  // Most guests of other ABIs open nothing and read no variable: both are made when they are asked for.
  #open: (Descriptor | undefined)[] | undefined;
  #variables: readonly string[] = NONE;
  #lines: { stdout: string; stderr: string } | undefined;

  constructor(guest: Guest) {
    this.#guest = guest;
  }

  /**
   * Begins anew.
   * @param maxOutput bytes that stdout may hold; 0: its lines are logged
   * @param variables beside those of the host, as `NAME=value`
   */
  begin(stdin: Uint8Array, maxOutput: number, variables: readonly string[] = NONE): void {
    this.#stdin = stdin;
    this.#stdinAt = 0;
    this.keepsOutput = maxOutput > 0;
    this.#output = this.keepsOutput ? new ByteSink(maxOutput) : undefined;
    this.#lines = undefined;
    this.#open = undefined;
    this.#variables = variables;
  }

  /** Variables, as `NAME=value`. */
  get env(): readonly string[] {
    const own = [...this.#guest.host.env].map(([name, value]) => `${name}=${value}`);
    return [...own, ...this.#variables];
  }

  get #descriptors(): (Descriptor | undefined)[] {
    if (this.#open === undefined) {
      this.#open = [{ kind: "stdin" }, { kind: "stdout" }, { kind: "stderr" }];
      for (const path of this.#guest.host.files.preopens) {
        this.#open.push({ kind: "preopen", path });
      }
    }
    return this.#open;
  }

  /** Tells the log of lines that were not ended, and forgets the rest. @returns what was written to stdout */
  finish(): Uint8Array {
    for (const name of ["stdout", "stderr"] as const) {
      const rest = this.#lines?.[name];
      if (rest) this.#log(name, rest);
    }
    const output = this.#output?.take() ?? EMPTY;
    this.begin(EMPTY, 0);
    return output;
  }

  descriptor(fd: number): Descriptor | undefined {
    return this.#descriptors[fd];
  }

  /** @returns its number, or undefined when there are too many */
  add(descriptor: Descriptor): number | undefined {
    let fd = this.#descriptors.findIndex((one) => one === undefined);
    if (fd < 0) fd = this.#descriptors.length;
    if (fd >= MAX_DESCRIPTORS) return undefined;
    this.#descriptors[fd] = descriptor;
    return fd;
  }

  remove(fd: number): void {
    this.#descriptors[fd] = undefined;
  }

  /** Gives a descriptor another number, which is free or closed by this. */
  renumber(from: number, to: number): void {
    this.#descriptors[to] = this.#descriptors[from];
    this.#descriptors[from] = undefined;
  }

  readStdin(into: Uint8Array): number {
    const chunk = this.#stdin.subarray(this.#stdinAt, this.#stdinAt + into.byteLength);
    into.set(chunk);
    this.#stdinAt += chunk.byteLength;
    return chunk.byteLength;
  }

  /** @returns false when there is no room for it */
  writeOutput(bytes: Uint8Array): boolean {
    if (this.#output !== undefined) return this.#output.write(bytes);
    this.writeLines("stdout", bytes);
    return true;
  }

  writeLines(name: "stdout" | "stderr", bytes: Uint8Array): void {
    this.#lines ??= { stdout: "", stderr: "" };
    const seen = bytes.byteLength > MAX_LINE ? bytes.subarray(0, MAX_LINE) : bytes;
    const lines = (this.#lines[name] + decoder.decode(seen)).split("\n");
    const rest = lines.pop() as string;
    for (const line of lines) if (line !== "") this.#log(name, line);
    this.#lines[name] = rest.length > MAX_LINE ? "" : rest;
    if (rest.length > MAX_LINE) this.#log(name, rest);
  }

  #log(name: "stdout" | "stderr", line: string): void {
    this.#guest.host.log(name === "stderr" ? "warn" : "info", line);
  }
}

const EMPTY = new Uint8Array(0);
const NONE: readonly string[] = [];
const decoder = new TextDecoder();
