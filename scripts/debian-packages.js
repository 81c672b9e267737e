// The programs of Debian that tests use as real peers: what to look for, and the package that has it.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

export const programs = {
  clang: "clang",
  chromium: "chromium",
  curl: "curl",
  dig: "bind9-dnsutils",
  dnsmasq: "dnsmasq-base",
  etcd: "etcd-server",
  h2load: "nghttp2-client",
  haproxy: "haproxy",
  nghttpd: "nghttp2-server",
  pg_lsclusters: "postgresql",
  "redis-server": "redis-server",
  slowhttptest: "slowhttptest",
  "wasm-ld": "lld",
  // No programs: what guests in C are made of.
  "/usr/include/wasm32-wasi/stdio.h": "wasi-libc",
  "/usr/share/doc/libclang-rt-dev-wasm32": "libclang-rt-dev-wasm32",
};

const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/bin"];

/** Where a program may be; a path is where it is. */
function places(program) {
  return program.startsWith("/") ? [program] : folders.map((folder) => join(folder, program));
}

/** Packages whose program is not on this machine. */
export function missingPackages() {
  const missing = Object.entries(programs).filter(
    ([program]) => !places(program).some((place) => existsSync(place)),
  );
  return missing.map(([, name]) => name);
}

/** Whether they can be installed here: on Debian, as root. */
export function canInstall() {
  return process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");
}

/** Installs packages without starting the services they bring. */
export function install(packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const apt = (...args) =>
    spawnSync("apt-get", args, { stdio: ["ignore", "ignore", "inherit"], env });
  apt("update", "-qq");
  // RUNLEVEL=1 keeps invoke-rc.d from starting what was installed.
  env.RUNLEVEL = "1";
  return apt("install", "-y", "-qq", "--no-install-recommends", ...packages).status === 0;
}
