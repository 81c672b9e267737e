import { compileC } from "./toolchain.ts";

/** A WASI program that does what its input says: `cat PATH`, `ls PATH`, `inc KEY TTL`, `set KEY VALUE`, `get KEY`, `del KEY`, `env NAME`, `now`, `random`, `log TEXT`. */
const SOURCE = `
  #include <stdio.h>
  #include <stdlib.h>
  #include <string.h>
  #include <errno.h>
  #include <dirent.h>
  #include <time.h>
  #include <unistd.h>
  #define KV(name) __attribute__((import_module("key_value"), import_name(#name)))
  KV(get) int kv_get(const char *, int, char *, int);
  KV(set) int kv_set(const char *, int, const char *, int, long long);
  KV(delete) int kv_delete(const char *, int);
  KV(increment) long long kv_increment(const char *, int, long long, long long);
  static char line[4096], buf[70000];
  int main(void) {
    size_t n = fread(line, 1, sizeof line - 1, stdin);
    line[n] = 0;
    char *what = strtok(line, " "), *a = strtok(NULL, " "), *b = strtok(NULL, " ");
    if (!strcmp(what, "cat")) {
      FILE *f = fopen(a, "r");
      if (!f) { printf("errno %s", strerror(errno)); return 0; }
      while ((n = fread(buf, 1, sizeof buf, f)) > 0) fwrite(buf, 1, n, stdout);
      fclose(f);
    } else if (!strcmp(what, "ls")) {
      DIR *d = opendir(a);
      if (!d) { printf("errno %s", strerror(errno)); return 0; }
      for (struct dirent *e; (e = readdir(d));) if (e->d_name[0] != '.') printf("%s ", e->d_name);
    } else if (!strcmp(what, "inc")) {
      printf("%lld", kv_increment(a, strlen(a), 1, b ? atoll(b) : 0));
    } else if (!strcmp(what, "set")) {
      printf("%d", kv_set(a, strlen(a), b, strlen(b), 0));
    } else if (!strcmp(what, "get")) {
      int k = kv_get(a, strlen(a), buf, sizeof buf);
      if (k < 0) printf("none"); else fwrite(buf, 1, k, stdout);
    } else if (!strcmp(what, "del")) {
      printf("%d", kv_delete(a, strlen(a)));
    } else if (!strcmp(what, "env")) {
      char *v = getenv(a);
      printf("%s", v ? v : "none");
    } else if (!strcmp(what, "now")) {
      printf("%lld", (long long)time(NULL));
    } else if (!strcmp(what, "random")) {
      unsigned char r[8];
      getentropy(r, sizeof r);
      for (int i = 0; i < 8; i++) printf("%02x", r[i]);
    } else if (!strcmp(what, "log")) {
      fprintf(stderr, "%s\\n", a);
    }
    return 0;
  }`;

let compiled: Uint8Array<ArrayBuffer> | undefined;

export function commandGuest(): Uint8Array<ArrayBuffer> {
  return (compiled ??= compileC({ text: SOURCE }, []));
}
