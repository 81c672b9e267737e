import { describe, expect, test } from "bun:test";
import type {
  HttpRequestMessage,
  HttpRequestOutcome,
} from "../../../src/sandbox/abi/http-message.ts";
import { wasi } from "../../../src/sandbox/abi/wasi/wasi.ts";
import { compileC } from "../guests/toolchain.ts";
import { wat } from "../guests/wat.ts";
import { FakeGuest, fakeHost } from "./fake-guest.ts";

/** A program whose `main` is `body`. */
function compiled(body: string): Uint8Array<ArrayBuffer> {
  const text = `
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <unistd.h>
    #include <fcntl.h>
    #include <dirent.h>
    #include <errno.h>
    #include <time.h>
    #include <sys/stat.h>
    #include <wasi/api.h>
    static char buf[4096];
    int main(int argc, char **argv) { ${body} return 0; }`;
  return compileC({ text }, ["-Wno-unused"]);
}

function program(body: string, fake = fakeHost()): FakeGuest {
  return new FakeGuest(compiled(body), wasi, fake.host);
}

/** What a program writes. */
const run = (body: string, stdin = "", fake = fakeHost()): string =>
  program(body, fake).text("_start", stdin);

describe("a program in C with a libc", () => {
  test("reads stdin and writes stdout, each call from the start", () => {
    const guest = program(`
      int c, n = 0;
      while ((c = getchar()) != EOF) { putchar(c >= 'a' && c <= 'z' ? c - 32 : c); n++; }
      printf("|%d\\n", n);`);
    expect(guest.text("_start", "hello")).toBe("HELLO|5\n");
    const long = "x".repeat(200_000);
    expect(program("int c; while ((c = getchar()) != EOF) putchar(c);").text("_start", long)).toBe(
      long,
    );
  });

  test("has its arguments and the variables it was given, and no others", () => {
    const fake = fakeHost({ env: { MODE: "prod", EMPTY: "" } });
    const body = `
      extern char **environ;
      printf("%d %s", argc, argv[0]);
      for (char **e = environ; *e; e++) printf(" %s", *e);`;
    expect(run(body, "", fake)).toBe("1 guest MODE=prod EMPTY=");
    expect(run('printf("%s", getenv("HOME") ? "known" : "unknown");')).toBe("unknown");
  });

  test("has clocks and random bytes", () => {
    expect(
      run(
        `
      struct timespec t, m, r; unsigned char bytes[4];
      clock_gettime(CLOCK_REALTIME, &t); clock_gettime(CLOCK_MONOTONIC, &m);
      clock_getres(CLOCK_REALTIME, &r); getentropy(bytes, 4); sleep(1); sched_yield();
      printf("%lld.%09ld %lld.%09ld %ld %d%d%d%d", (long long)t.tv_sec, t.tv_nsec,
        (long long)m.tv_sec, m.tv_nsec, r.tv_nsec, bytes[0], bytes[1], bytes[2], bytes[3]);`.replace(
          "sched_yield();",
          "",
        ),
      ),
    ).toBe("1700000000.123000000 0.012300000 1000000 1234");
  });

  test("has stderr, line by line, in the log", () => {
    const fake = fakeHost();
    const body = 'fprintf(stderr, "one\\ntwo "); fprintf(stderr, "more\\nthree"); printf("out");';
    expect(run(body, "", fake)).toBe("out");
    expect(fake.logs).toEqual(["warn: one", "warn: two more", "warn: three"]);
  });

  test("that ends with another code than 0 has failed", () => {
    expect(() => run('printf("lost"); exit(3);')).toThrow("exit code 3");
    expect(() => run("return 4;")).toThrow("exit code 4");
    expect(run('printf("kept"); exit(0);')).toBe("kept");
    expect(() => run("abort();")).toThrow(WebAssembly.RuntimeError);
  });

  test("may not write without an end", () => {
    const body =
      "for (;;) if (fwrite(buf, 1, 4096, stdout) != 4096 || fflush(stdout)) exit(errno == EFBIG ? 9 : 8);";
    expect(() => run(body)).toThrow("exit code 9");
  });
});

const files = {
  "/data/a.txt": "0123456789",
  "/data/sub/b.txt": "below",
  "/data/sub/c.txt": "c",
};

describe("files", () => {
  const withFiles = (body: string): string => run(body, "", fakeHost({ files }));

  test("are read, from wherever one likes", () => {
    expect(
      withFiles(`
      FILE *f = fopen("/data/a.txt", "r");
      fread(buf, 1, 3, f); printf("%.3s", buf);
      fseek(f, -2, SEEK_END); fread(buf, 1, 2, f); printf(" %.2s %ld", buf, ftell(f));
      rewind(f); printf(" %c", fgetc(f)); fclose(f);
      int fd = open("/data/sub/b.txt", O_RDONLY);
      pread(fd, buf, 2, 1); printf(" %.2s %lld", buf, (long long)lseek(fd, 0, SEEK_CUR));
      lseek(fd, 3, SEEK_SET); read(fd, buf, 2); printf(" %.2s", buf);
      printf(" %zd %d", read(fd, buf, 1), close(fd));`),
    ).toBe("012 89 10 0 el 0 ow 0 0");
  });

  test("and directories are listed, and told about", () => {
    expect(
      withFiles(`
      struct stat s; stat("/data/a.txt", &s);
      printf("%lld %d %lld", (long long)s.st_size, S_ISREG(s.st_mode), (long long)s.st_mtime);
      stat("/data/sub", &s); printf(" %d", S_ISDIR(s.st_mode));
      int fd = open("/data/sub/b.txt", O_RDONLY); fstat(fd, &s); printf(" %lld", (long long)s.st_size);
      fstat(0, &s); printf(" %d", S_ISCHR(s.st_mode));
      DIR *d = opendir("/data"); struct dirent *e;
      while ((e = readdir(d))) printf(" %s%s", e->d_name, e->d_type == DT_DIR ? "/" : "");
      closedir(d);`),
    ).toBe("10 1 1600000000 1 5 1 a.txt sub/");
  });

  test.each([
    ["what is not there", 'open("/data/none", O_RDONLY)', "ENOENT"],
    ["what lies outside", 'open("/etc/passwd", O_RDONLY)', "ENOTCAPABLE"],
    ["a way out", 'open("/data/../etc/passwd", O_RDONLY)', "ENOTCAPABLE"],
    ["a way out from below", 'open("/data/sub/../../x", O_RDONLY)', "ENOTCAPABLE"],
    ["writing", 'open("/data/a.txt", O_WRONLY)', "EROFS"],
    ["making", 'open("/data/new", O_WRONLY | O_CREAT)', "EROFS"],
    ["emptying", 'open("/data/a.txt", O_RDONLY | O_TRUNC)', "EROFS"],
    ["a file as a directory", 'open("/data/a.txt", O_RDONLY | O_DIRECTORY)', "ENOTDIR"],
    ["making a directory", 'mkdir("/data/new", 0)', "EROFS"],
    ["removing", 'unlink("/data/a.txt")', "EROFS"],
    ["removing a directory", 'rmdir("/data/sub")', "EROFS"],
    ["renaming", 'rename("/data/a.txt", "/data/b.txt")', "EROFS"],
    ["linking", 'link("/data/a.txt", "/data/b.txt")', "EROFS"],
    ["linking by name", 'symlink("a.txt", "/data/b.txt")', "EROFS"],
    ["reading a link", 'readlink("/data/a.txt", buf, 9)', "EINVAL"],
  ])("%s is refused", (_name, call, expected) => {
    const body = `errno = 0; int r = ${call}; printf("%d %s", r, errno == ${expected} ? "as it should" : strerror(errno));`;
    expect(withFiles(body)).toBe("-1 as it should");
  });

  test("a name with .. that stays inside is one", () => {
    expect(
      withFiles('FILE *f = fopen("/data/sub/../a.txt", "r"); printf("%c", f ? fgetc(f) : 45);'),
    ).toBe("0");
  });

  test("none, where none were given", () => {
    expect(run('printf("%d", open("/data/a.txt", O_RDONLY));')).toBe("-1");
  });

  test("only so many at a time", () => {
    const body =
      'int n = 0; while (open("/data/a.txt", O_RDONLY) >= 0) n++; printf("%d %d", n, errno == EMFILE);';
    expect(withFiles(body)).toBe("252 1");
  });
});

const calls = [
  ["__wasi_fd_advise(file, 0, 1, 0)", "SUCCESS"],
  ["__wasi_fd_advise(99, 0, 1, 0)", "BADF"],
  ["__wasi_fd_allocate(file, 0, 1)", "ROFS"],
  ["__wasi_fd_allocate(99, 0, 1)", "BADF"],
  ["__wasi_fd_close(99)", "BADF"],
  ["__wasi_fd_datasync(1)", "SUCCESS"],
  ["__wasi_fd_sync(1)", "SUCCESS"],
  [
    "__wasi_fd_fdstat_get(1, &st) || st.fs_filetype != 2 || !(st.fs_rights_base & __WASI_RIGHTS_FD_WRITE)",
    "SUCCESS",
  ],
  ["__wasi_fd_fdstat_get(0, &st) || (st.fs_rights_base & __WASI_RIGHTS_FD_WRITE)", "SUCCESS"],
  ["__wasi_fd_fdstat_get(file, &st) || st.fs_filetype != 4", "SUCCESS"],
  ["__wasi_fd_fdstat_get(99, &st)", "BADF"],
  ["__wasi_fd_fdstat_set_flags(file, 0)", "SUCCESS"],
  ["__wasi_fd_fdstat_set_rights(file, 0, 0)", "SUCCESS"],
  ["__wasi_fd_filestat_get(99, &fst)", "BADF"],
  ["__wasi_fd_filestat_get(3, &fst) || fst.filetype != 3", "SUCCESS"],
  ["__wasi_fd_filestat_set_size(file, 0)", "ROFS"],
  ["__wasi_fd_filestat_set_times(file, 0, 0, 0)", "ROFS"],
  ["__wasi_fd_pread(0, &in, 1, 0, &bytes)", "SPIPE"],
  ["__wasi_fd_pread(file, &in, 1, -1ull, &bytes)", "INVAL"],
  ["__wasi_fd_prestat_get(3, &pre) || pre.u.dir.pr_name_len != 5", "SUCCESS"],
  ["__wasi_fd_prestat_get(file, &pre)", "BADF"],
  ['__wasi_fd_prestat_dir_name(3, (uint8_t *)buf, 5) || memcmp(buf, "/data", 5)', "SUCCESS"],
  ["__wasi_fd_prestat_dir_name(3, (uint8_t *)buf, 4)", "NAMETOOLONG"],
  ["__wasi_fd_prestat_dir_name(1, (uint8_t *)buf, 4)", "BADF"],
  ["__wasi_fd_pwrite(file, &out, 1, 0, &bytes)", "ROFS"],
  ["__wasi_fd_read(1, &in, 1, &bytes)", "BADF"],
  ["__wasi_fd_read(dir, &in, 1, &bytes)", "ISDIR"],
  ["__wasi_fd_read(99, &in, 1, &bytes)", "BADF"],
  ["__wasi_fd_read(0, &in, 5000, &bytes)", "INVAL"],
  ["__wasi_fd_readdir(file, (uint8_t *)buf, 9, 0, &bytes)", "NOTDIR"],
  ["__wasi_fd_readdir(99, (uint8_t *)buf, 9, 0, &bytes)", "BADF"],
  ["__wasi_fd_readdir(dir, (uint8_t *)buf, 40, 0, &bytes) || bytes != 40", "SUCCESS"],
  [
    '__wasi_fd_readdir(dir, (uint8_t *)buf, 99, 1, &bytes) || bytes != 29 || memcmp(buf + 24, "c.txt", 5)',
    "SUCCESS",
  ],
  ["__wasi_fd_readdir(dir, (uint8_t *)buf, 99, 77, &bytes) || bytes != 0", "SUCCESS"],
  ["__wasi_fd_renumber(file, dir) || __wasi_fd_tell(dir, &size)", "SUCCESS"],
  ["__wasi_fd_renumber(file, file)", "SUCCESS"],
  ["__wasi_fd_renumber(file, 99)", "BADF"],
  ["__wasi_fd_seek(file, 4, __WASI_WHENCE_END, &size) || size != 14", "SUCCESS"],
  ["__wasi_fd_seek(file, -4, __WASI_WHENCE_CUR, &size)", "INVAL"],
  ["__wasi_fd_seek(file, 0, 9, &size)", "INVAL"],
  ["__wasi_fd_seek(0, 0, 0, &size)", "SPIPE"],
  ["__wasi_fd_seek(99, 0, 0, &size)", "BADF"],
  ["__wasi_fd_tell(1, &size)", "SPIPE"],
  ["__wasi_fd_tell(99, &size)", "BADF"],
  ["__wasi_fd_write(0, &out, 1, &bytes)", "BADF"],
  ["__wasi_fd_write(file, &out, 1, &bytes)", "ROFS"],
  ["__wasi_fd_write(1, &out, 2000, &bytes)", "INVAL"],
  ['__wasi_path_create_directory(3, "n")', "ROFS"],
  ['__wasi_path_create_directory(99, "n")', "BADF"],
  ['__wasi_path_filestat_get(3, 0, "a.txt", &fst) || fst.size != 10', "SUCCESS"],
  ['__wasi_path_filestat_get(3, 0, "none", &fst)', "NOENT"],
  ['__wasi_path_filestat_get(3, 0, "/data/a.txt", &fst)', "NOTCAPABLE"],
  ['__wasi_path_filestat_get(1, 0, "a.txt", &fst)', "NOTDIR"],
  ['__wasi_path_filestat_get(99, 0, "a.txt", &fst)', "BADF"],
  ["__wasi_path_filestat_get(3, 0, (memset(buf, 'a', 4095), buf), &fst)", "NOENT"],
  ['__wasi_path_filestat_set_times(3, 0, "a.txt", 0, 0, 0)', "ROFS"],
  ['__wasi_path_link(3, 0, "a.txt", 3, "b")', "ROFS"],
  ['__wasi_path_open(3, 0, ".", 0, 0, 0, 0, &fd)', "SUCCESS"],
  ['__wasi_path_open(3, 0, "../x", 0, 0, 0, 0, &fd)', "NOTCAPABLE"],
  ['__wasi_path_open(dir, 0, "b.txt", 0, __WASI_RIGHTS_FD_READ, 0, 0, &fd)', "SUCCESS"],
  ['__wasi_path_open(dir, 0, "../a.txt", 0, __WASI_RIGHTS_FD_READ, 0, 0, &fd)', "NOTCAPABLE"],
  ['__wasi_path_open(3, 0, "a.txt", 0, __WASI_RIGHTS_FD_WRITE, 0, 0, &fd)', "ROFS"],
  ['__wasi_path_readlink(3, "a.txt", (uint8_t *)buf, 9, &bytes)', "INVAL"],
  ['__wasi_path_remove_directory(3, "sub")', "ROFS"],
  ['__wasi_path_rename(3, "a.txt", 3, "b")', "ROFS"],
  ['__wasi_path_symlink("a", 3, "b")', "ROFS"],
  ['__wasi_path_unlink_file(3, "a.txt")', "ROFS"],
  ["__wasi_poll_oneoff(sub, event, 2, &bytes) || bytes != 2 || event[0].error", "SUCCESS"],
  ["__wasi_poll_oneoff(sub, event, 0, &bytes)", "INVAL"],
  ["__wasi_poll_oneoff(sub, event, 65, &bytes)", "INVAL"],
  ["__wasi_clock_res_get(1, &time) || time != 100000", "SUCCESS"],
  ["__wasi_clock_res_get(9, &time)", "INVAL"],
  ["__wasi_clock_time_get(9, 0, &time)", "INVAL"],
  ["__wasi_random_get((uint8_t *)buf, 9)", "SUCCESS"],
  ["__wasi_sched_yield()", "SUCCESS"],
  ["__wasi_sock_recv(0, &in, 1, 0, &bytes, (void *)buf)", "NOTCAPABLE"],
  ["__wasi_sock_send(1, &out, 1, 0, &bytes)", "NOTCAPABLE"],
  ["__wasi_sock_shutdown(1, 0)", "NOTCAPABLE"],
] as const;

const names = [...new Set(calls.map(([, name]) => name)), "FBIG", "ACCES"];

/** Runs the call whose number it reads, and tells the name of its error. */
const caller = compiled(
  `
    __wasi_filesize_t size; __wasi_size_t bytes; __wasi_fd_t fd; __wasi_fdstat_t st; __wasi_filestat_t fst;
    __wasi_prestat_t pre; __wasi_event_t event[2]; __wasi_timestamp_t time; int which, error = -1;
    __wasi_iovec_t in = { (uint8_t *)buf, 8 }; __wasi_ciovec_t out = { (uint8_t *)buf, 8 };
    __wasi_subscription_t sub[2]; memset(sub, 0, sizeof sub);
    int file = open("/data/a.txt", O_RDONLY), dir = open("/data/sub", O_RDONLY | O_DIRECTORY);
    scanf("%d", &which);
    switch (which) {
      ${calls.map(([call], index) => `case ${index}: error = ${call}; break;`).join(" ")}
    }
    switch (error) {
      ${names.map((name) => `case __WASI_ERRNO_${name}: puts("${name}"); break;`).join(" ")}
      default: puts("another");
    }`,
);

describe("each function of WASI", () => {
  test.each(calls.map(([call, name], index) => [call, name, index] as const))(
    "%s",
    (_call, expected, index) => {
      // One instance each: libc remembers how far it had read.
      const guest = new FakeGuest(caller, wasi, fakeHost({ files }).host);
      expect(guest.text("_start", String(index)).trim()).toBe(expected);
    },
  );

  test("proc_raise and sock_accept, which libc does not use", () => {
    const bytes = wat(`(module
      (import "wasi_snapshot_preview1" "proc_raise" (func $raise (param i32) (result i32)))
      (import "wasi_snapshot_preview1" "sock_accept" (func $accept (param i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1)
      (func (export "_start")
        (call $exit (i32.add (call $raise (i32.const 6))
          (call $accept (i32.const 3) (i32.const 0) (i32.const 0))))))`);
    const guest = new FakeGuest(bytes, wasi, fakeHost().host);
    expect(() => guest.call("_start")).toThrow(`exit code ${58 + 76}`);
  });

  test("memory outside of its own ends the call", () => {
    expect(() => run("__wasi_random_get((uint8_t *)0xffffff00, 4096);")).toThrow(
      "outside of the guest",
    );
    expect(() =>
      run(
        "__wasi_iovec_t v = { (void *)0x7fffffff, 9 }; __wasi_size_t n; __wasi_fd_read(0, &v, 1, &n);",
      ),
    ).toThrow("outside of the guest");
  });
});

const request: HttpRequestMessage = {
  method: "POST",
  uri: "/shop/a%20b?c=d&e",
  protocol: "HTTP/1.1",
  source: "[2001:db8::1]:1234",
  scheme: "https",
  host: "example.com:8443",
  headers: [
    "Content-Type",
    "text/plain",
    "Content-Length",
    "99",
    "Cookie",
    "a=1",
    "cookie",
    "b=2",
    "Accept",
    "x",
    "accept",
    "y",
    "Proxy",
    "evil",
    "X_Fake",
    "1",
  ],
  body: new TextEncoder().encode("hello"),
  trailers: [],
};

describe("a CGI program", () => {
  const ask = (body: string): HttpRequestOutcome =>
    program(body).call("handle_request", request) as unknown as HttpRequestOutcome;

  test("has the request in variables and its body as stdin", () => {
    const outcome = ask(`
      extern char **environ;
      printf("Content-Type: text/plain\\r\\nX-A: b:c \\r\\n\\r\\n");
      for (char **e = environ; *e; e++) printf("%s\\n", *e);
      int c; while ((c = getchar()) != EOF) putchar(c);`);
    expect(outcome).toMatchObject({
      next: false,
      status: 200,
      responseHeaders: ["Content-Type", "text/plain", "X-A", "b:c"],
    });
    expect(new TextDecoder().decode(outcome.responseBody).split("\n")).toEqual([
      "GATEWAY_INTERFACE=CGI/1.1",
      "REQUEST_METHOD=POST",
      "REQUEST_URI=/shop/a%20b?c=d&e",
      "SCRIPT_NAME=",
      "PATH_INFO=/shop/a%20b",
      "QUERY_STRING=c=d&e",
      "SERVER_NAME=example.com",
      "SERVER_PORT=8443",
      "SERVER_PROTOCOL=HTTP/1.1",
      "SERVER_SOFTWARE=sluice",
      "REMOTE_ADDR=2001:db8::1",
      "CONTENT_LENGTH=5",
      "CONTENT_TYPE=text/plain",
      "HTTP_COOKIE=a=1; b=2",
      "HTTP_ACCEPT=x, y",
      "hello",
    ]);
  });

  test.each([
    ["a status", "Status: 404 Not Found\\n\\n", 404],
    ["a status alone", "Status: 201\\r\\n\\r\\n", 201],
    ["a redirect", "Location: /there\\n\\n", 302],
    ["no headers", "\\nbody", 200],
  ])("%s", (_name, text, status) => {
    expect(ask(`printf("${text}");`).status).toBe(status);
  });

  test.each([
    ["nothing", "", "no empty line"],
    ["headers without an end", "A: b\\n", "no empty line"],
    ["no header", "hello\\n\\n", "no header line"],
    ["a status that is none", "Status: 99 what\\n\\n", "the status"],
  ])("%s is no answer", (_name, text, message) => {
    expect(() => ask(`fputs("${text}", stdout);`)).toThrow(message);
  });
});
