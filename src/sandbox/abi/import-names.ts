import { EXTISM_MODULE, HTTP_WASM_MODULE, KEY_VALUE_MODULE, WASI_MODULE } from "./detect-abi.ts";

/**
 * What each import module has, by name, so that a configuration is checked without loading the ABIs themselves.
 * A test holds that it is what they link.
 */
export const IMPORT_NAMES: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  [
    EXTISM_MODULE,
    names(`
      alloc free length length_unsafe load_u8 load_u64 store_u8 store_u64 input_offset input_length
      input_load_u8 input_load_u64 output_set output_offset output_length error_set error_get memory_bytes
      log_trace log_debug log_info log_warn log_error get_log_level config_get var_get var_set
      http_request http_status_code http_headers
    `),
  ],
  [
    WASI_MODULE,
    names(`
      fd_read fd_pread fd_write fd_pwrite fd_seek fd_tell fd_close fd_renumber fd_fdstat_get
      fd_filestat_get fd_prestat_get fd_prestat_dir_name fd_readdir fd_advise fd_datasync fd_sync
      fd_fdstat_set_flags fd_fdstat_set_rights fd_allocate fd_filestat_set_size fd_filestat_set_times
      path_open path_filestat_get path_readlink path_create_directory path_filestat_set_times path_link
      path_remove_directory path_rename path_symlink path_unlink_file args_sizes_get args_get
      environ_sizes_get environ_get clock_res_get clock_time_get random_get sched_yield proc_exit
      proc_raise poll_oneoff sock_accept sock_recv sock_send sock_shutdown
    `),
  ],
  [
    KEY_VALUE_MODULE,
    names(`
      get set delete increment
    `),
  ],
  [
    HTTP_WASM_MODULE,
    names(`
      enable_features get_config log log_enabled get_method set_method get_uri set_uri
      get_protocol_version get_source_addr get_header_names get_header_values set_header_value
      add_header_value remove_header read_body write_body get_status_code set_status_code
    `),
  ],
]);

function names(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
