import type { FSWatcher } from "node:fs";
import { readdirSync, statSync, watch } from "node:fs";
import { dirname } from "node:path";

export interface WatchOptions {
  /** Absolute paths. */
  files: readonly string[];
  /** Called once things are quiet again after something changed. */
  changed(): void;
  /** Milliseconds of quiet; editors write a file in several steps. */
  quietMs?: number;
  /** Milliseconds between looks at file systems that report nothing, such as network mounts. */
  pollMs?: number;
}

export interface FileWatch {
  /** Watches these from now on. */
  replace(files: readonly string[]): void;
  stop(): void;
}

/**
 * Watches files through their folders: editors and deployments replace files by renaming, and Kubernetes
 * swaps a link above them. New `.toml` files beside them count too, for `include` patterns.
 */
export function watchFiles({
  files,
  changed,
  quietMs = 150,
  pollMs = 2_000,
}: WatchOptions): FileWatch {
  let watched: readonly string[] = files;
  let seen = signature(watched);
  let watchers: FSWatcher[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  const look = (): void => {
    timer = undefined;
    const now = signature(watched);
    if (now === seen) return;
    seen = now;
    changed();
  };
  const stir = (): void => {
    clearTimeout(timer);
    timer = setTimeout(look, quietMs);
  };
  const open = (): void => {
    for (const watcher of watchers) watcher.close();
    watchers = [];
    for (const folder of foldersOf(watched)) {
      try {
        const watcher = watch(folder, { persistent: false }, stir);
        // A folder that is removed; the poll goes on looking.
        watcher.on("error", () => watcher.close());
        watchers.push(watcher);
      } catch {
        // It does not exist, or the system has no watches left: the poll sees changes too.
      }
    }
  };
  open();
  const poll = setInterval(() => {
    if (timer === undefined && signature(watched) !== seen) stir();
  }, pollMs);
  poll.unref();

  return {
    replace(next) {
      const folders = foldersOf(watched).join("\n");
      watched = next;
      seen = signature(watched);
      if (foldersOf(watched).join("\n") !== folders) open();
    },
    stop() {
      clearInterval(poll);
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}

function foldersOf(files: readonly string[]): string[] {
  return [...new Set(files.map(dirname))].toSorted();
}

/** Changes when one of the files does, or a configuration file comes or goes beside them. */
function signature(files: readonly string[]): string {
  const parts = files.map((file) => {
    const stats = statSync(file, { throwIfNoEntry: false, bigint: true });
    return stats === undefined ? "-" : `${stats.ino}:${stats.size}:${stats.mtimeNs}`;
  });
  for (const folder of foldersOf(files)) {
    try {
      parts.push(
        ...readdirSync(folder)
          .filter((name) => name.endsWith(".toml"))
          .toSorted(),
      );
    } catch {
      parts.push("-");
    }
  }
  return parts.join("\n");
}
