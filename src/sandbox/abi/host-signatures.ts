import type { FunctionType, ValueType } from "../module/module-info.ts";
import { EXTISM_MODULE, HTTP_WASM_MODULE, KEY_VALUE_MODULE, WASI_MODULE } from "./detect-abi.ts";

/** Names of functions by what they take and give: `i` for i32, `l` for i64. */
type Signatures = Readonly<Record<string, string>>;

const WASI: Signatures = {
  ":i": "sched_yield",
  "i:": "proc_exit",
  "i:i": "fd_close fd_datasync fd_sync proc_raise",
  "ii:i":
    "args_get args_sizes_get clock_res_get environ_get environ_sizes_get fd_fdstat_get fd_fdstat_set_flags fd_filestat_get fd_prestat_get fd_renumber fd_tell random_get sock_shutdown",
  "iii:i":
    "fd_prestat_dir_name path_create_directory path_remove_directory path_unlink_file sock_accept",
  "iiii:i": "fd_read fd_write poll_oneoff",
  "iiiii:i": "path_filestat_get path_symlink sock_send",
  "iiiiii:i": "path_readlink path_rename sock_recv",
  "iiiiiii:i": "path_link",
  "il:i": "fd_filestat_set_size",
  "ili:i": "clock_time_get",
  "ill:i": "fd_allocate fd_fdstat_set_rights",
  "illi:i": "fd_advise fd_filestat_set_times",
  "ilii:i": "fd_seek",
  "iiili:i": "fd_pread fd_pwrite fd_readdir",
  "iiiilli:i": "path_filestat_set_times",
  "iiiiillii:i": "path_open",
};

const HTTP_WASM: Signatures = {
  ":i": "get_status_code",
  "i:": "set_status_code",
  "i:i": "enable_features log_enabled",
  "ii:": "set_method set_uri",
  "ii:i": "get_config get_method get_uri get_protocol_version get_source_addr",
  "iii:": "log remove_header write_body",
  "iii:l": "get_header_names read_body",
  "iiiii:": "add_header_value set_header_value",
  "iiiii:l": "get_header_values",
};

const EXTISM: Signatures = {
  ":i": "get_log_level http_status_code",
  ":l": "error_get http_headers input_length input_offset memory_bytes output_length output_offset",
  "l:": "error_set free log_debug log_error log_info log_trace log_warn",
  "l:i": "input_load_u8 load_u8",
  "l:l": "alloc config_get input_load_u64 length length_unsafe load_u64 var_get",
  "li:": "store_u8",
  "ll:": "output_set store_u64 var_set",
  "ll:l": "http_request",
};

const KEY_VALUE: Signatures = {
  "ii:i": "delete",
  "iiii:i": "get",
  "iiiil:i": "set",
  "iill:l": "increment",
};

/**
 * Of each module that guests import from, the type of each function, so that a configuration is checked without
 * loading the ABIs themselves. The engine would take a function of ours as of any type, and the guest could give it
 * anything in the place of a number. A test holds that it is what they link.
 */
export const hostFunctions: ReadonlyMap<string, ReadonlyMap<string, FunctionType>> = new Map([
  [WASI_MODULE, functionsOf(WASI)],
  [HTTP_WASM_MODULE, functionsOf(HTTP_WASM)],
  [EXTISM_MODULE, functionsOf(EXTISM)],
  [KEY_VALUE_MODULE, functionsOf(KEY_VALUE)],
]);

function functionsOf(signatures: Signatures): ReadonlyMap<string, FunctionType> {
  const functions = new Map<string, FunctionType>();
  const types = (letters: string): ValueType[] =>
    Array.from(letters, (letter) => (letter === "l" ? "i64" : "i32"));
  for (const [signature, names] of Object.entries(signatures)) {
    const [params = "", results = ""] = signature.split(":");
    for (const name of names.split(" "))
      functions.set(name, { params: types(params), results: types(results) });
  }
  return functions;
}
