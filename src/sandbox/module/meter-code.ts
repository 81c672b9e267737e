import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { checkCode, helperBodies } from "./helpers.ts";
import type { Layout } from "./layout.ts";
import { helperIndex } from "./layout.ts";
import type { ModuleLimits } from "./limits.ts";
import type { CodeSpaces } from "./meter-function.ts";
import { InvalidModule } from "./invalid-module.ts";
import { ACTION, FunctionMeter } from "./meter-function.ts";

export interface CodeChange {
  readonly layout: Layout;
  readonly limits: ModuleLimits;
  /** What the guest may name. */
  readonly spaces: CodeSpaces;
  /** Functions the module has of its own. */
  readonly functions: number;
  /** Takes what the functions change that memory and globals do not hold, in words. */
  readonly lasting: Set<string>;
}

/**
 * Writes the contents of a code section with the checks put in and the helpers appended.
 *
 * @param code contents of the guest's code section, when it has one
 * @returns whether any of it can write to the memory
 * @throws InvalidModule where a function uses what is refused
 */
export function writeMeteredCode(
  writer: ByteWriter,
  code: ByteReader | undefined,
  change: CodeChange,
): boolean {
  const { layout, limits, functions } = change;
  const helpers = helperBodies(layout, change.spaces.memory);
  const bodies = code?.u32() ?? 0;
  if (bodies !== functions)
    throw new InvalidModule(`has ${functions} functions, and the code of ${bodies}`);
  writer.u32(functions + helpers.length);
  const firstFunction = change.spaces.functions - functions;
  const meter = new FunctionMeter(limits, change.spaces, change.lasting);
  const write = functionWriter(writer, layout);
  for (let i = 0; i < bodies; i++) {
    const reader = code as ByteReader;
    const at = reader.at;
    const size = reader.u32();
    if (size > limits.maxBodyBytes)
      reader.fail(`has a function of ${size} bytes, and ${limits.maxBodyBytes} are allowed`, at);
    const body = reader.range(size);
    const start = body.at;
    meter.read(body, change.spaces.functionTypes[firstFunction + i] as number);
    const place = writer.reserve();
    write(meter, body.bytes, start, body.end);
    writer.fillLength(place);
  }
  if (code !== undefined && !code.done) code.fail("has more in its code section than functions");
  for (const body of helpers) {
    writer.u32(body.length);
    writer.raw(body);
  }
  return meter.writes;
}

/** Writes one function after another, as its meter says. */
function functionWriter(
  writer: ByteWriter,
  layout: Layout,
): (meter: FunctionMeter, bytes: Uint8Array, start: number, end: number) => void {
  const check = checkCode(layout);
  const call = (helper: Parameters<typeof helperIndex>[1]): void => {
    writer.byte(0x10);
    writer.u32(helperIndex(layout, helper));
  };
  return (meter, bytes, start, end) => {
    const { places, actions, costs } = meter;
    let from = start;
    for (let i = meter.leaf ? 1 : 0; i < places.length; i++) {
      const place = places[i] as number;
      writer.copy(bytes, from, place);
      from = place;
      switch (actions[i]) {
        case ACTION.check:
          writer.raw(check.head);
          writer.s32(costs[i] as number);
          writer.raw(check.tail);
          break;
        case ACTION.charge:
          call("charge");
          break;
        case ACTION.chargeElements:
          call("chargeElements");
          break;
        case ACTION.grow:
          call("grow");
          from += costs[i] as number;
          break;
        case ACTION.fill:
          call("fill");
          from += costs[i] as number;
          break;
        default:
          call("copy");
          from += costs[i] as number;
      }
    }
    writer.copy(bytes, from, end);
  };
}
