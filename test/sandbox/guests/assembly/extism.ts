// A guest that uses everything the AssemblyScript PDK of Extism has.
import { Config, Host, LogLevel, Memory, Var } from "@extism/as-pdk";
import { http_request, error_set } from "@extism/as-pdk/lib/env";

export function abort(
  message: string | null,
  _file: string | null,
  _line: u32,
  _column: u32,
): void {
  error_set(Memory.allocateString(message === null ? "aborted" : message!).offset);
  unreachable();
}

export function echo(): i32 {
  Host.output(Host.input());
  return 0;
}

export function upper(): i32 {
  Host.outputString(Host.inputString().toUpperCase());
  return 0;
}

export function count(): i32 {
  const known = Var.getString("count");
  const next = (known === null ? 0 : I32.parseInt(known)) + 1;
  Var.set("count", Uint8Array.wrap(String.UTF8.encode(next.toString())));
  Host.outputString(next.toString());
  return 0;
}

export function forget(): i32 {
  Var.remove("count");
  Host.outputString(Var.getString("count") === null ? "gone" : "kept");
  return 0;
}

export function configured(): i32 {
  const value = Config.get(Host.inputString());
  Host.outputString(value === null ? "(none)" : value);
  return 0;
}

export function logs(): i32 {
  Host.log(LogLevel.Debug, "at debug");
  Host.log(LogLevel.Info, "at info");
  Host.log(LogLevel.Warn, "at warn");
  Host.log(LogLevel.Error, "at error");
  return 0;
}

export function fetched(): i32 {
  const request = Memory.allocateString(Host.inputString());
  const body = Memory.allocateString("sent");
  const answer = http_request(request.offset, body.offset);
  Host.outputMemory(new Memory(answer, 8));
  return 0;
}

export function fails(): i32 {
  error_set(Memory.allocateString("no such order").offset);
  return 1;
}

export function failsWithout(): i32 {
  return 7;
}

export function throws(): i32 {
  throw new Error("thrown in the guest");
}
