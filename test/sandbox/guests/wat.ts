import loadWabt from "wabt";

const wabt = await loadWabt();

/** Everything that the text format has and these tests need. */
const features = {
  bulk_memory: true,
  exceptions: true,
  multi_memory: true,
  multi_value: true,
  mutable_globals: true,
  reference_types: true,
  relaxed_simd: true,
  sat_float_to_int: true,
  sign_extension: true,
  simd: true,
  tail_call: true,
  threads: true,
  memory64: true,
  gc: true,
  function_references: true,
  extended_const: true,
};

/** WebAssembly text as a module. @param check whether it is validated too */
export function wat(text: string, check = true): Uint8Array<ArrayBuffer> {
  const module = wabt.parseWat("guest.wat", text, features);
  try {
    if (check) module.validate();
    return new Uint8Array(module.toBinary({ write_debug_names: true }).buffer);
  } finally {
    module.destroy();
  }
}
