import type { ModuleInfo } from "../../sandbox/module/module-info.ts";

/** What a guest may want of its host, and how it is allowed. */
interface Need {
  readonly what: string;
  /** Undefined: every guest has it. */
  readonly allowedBy: string | undefined;
  readonly imports: RegExp;
}

const NEEDS: readonly Need[] = [
  {
    what: "HTTP requests of its own",
    allowedBy: "Capability.network (network = { hosts = […] })",
    imports: /^extism:host\/env\.http_request$/,
  },
  {
    what: "files",
    allowedBy: "Capability.files (files = { … }); to read",
    imports: /^wasi_snapshot_preview1\.(?:path_open|path_filestat_get|fd_readdir|fd_prestat_get)$/,
  },
  {
    what: "variables of the environment",
    allowedBy: "Capability.env (env = { … })",
    imports: /^wasi_snapshot_preview1\.environ_get$/,
  },
  {
    what: "settings",
    allowedBy: ".config (config = …)",
    imports: /^(?:extism:host\/env\.config_get|http_handler\.get_config)$/,
  },
  {
    what: "sockets",
    allowedBy: "nothing: they are always refused",
    imports: /^wasi_snapshot_preview1\.sock_/,
  },
  {
    what: "writing files",
    allowedBy: "nothing: it is always refused",
    imports:
      /^wasi_snapshot_preview1\.(?:path_(?:create_directory|link|remove_directory|rename|symlink|unlink_file)|fd_allocate|fd_filestat_set_size)$/,
  },
  { what: "its key-value store", allowedBy: undefined, imports: /^key_value\./ },
  {
    what: "a clock",
    allowedBy: undefined,
    imports: /^wasi_snapshot_preview1\.clock_time_get$/,
  },
  {
    what: "random bytes",
    allowedBy: undefined,
    imports: /^wasi_snapshot_preview1\.random_get$/,
  },
  {
    what: "a log",
    allowedBy: undefined,
    imports: /^(?:extism:host\/env\.log_|http_handler\.log$)/,
  },
  {
    what: "bodies of requests and answers",
    allowedBy: undefined,
    imports: /^http_handler\.(?:read|write)_body$/,
  },
];

/** What a module wants of its host by what it imports, and what would allow it. */
export function needsOf({ imports }: ModuleInfo): { what: string; allowedBy: string }[] {
  const names = imports.map(({ module, name }) => `${module}.${name}`);
  return NEEDS.filter((need) => names.some((name) => need.imports.test(name))).map(
    ({ what, allowedBy = "every sandbox" }) => ({ what, allowedBy }),
  );
}
