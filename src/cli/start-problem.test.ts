import { expect, test } from "bun:test";
import { startProblem } from "./start-problem.ts";

const fail = (code: string) => Object.assign(new Error(code), { code });

test.each([
  ["EADDRINUSE", "port 80 on 127.0.0.1 is in use", "--port 8080"],
  ["EACCES", "not allowed to listen on 127.0.0.1:80", "ports below 1024 need a privilege"],
  ["EADDRNOTAVAIL", "127.0.0.1 is no address of this machine", "0.0.0.0"],
  ["ENOTFOUND", "cannot be resolved", "IP address"],
])("%s says what to do", (code, message, help) => {
  const problem = startProblem(fail(code), "127.0.0.1", 80);
  expect(problem?.message).toContain(message);
  expect(problem?.help).toContain(help);
});

test("the default port is not offered when it is the one in use", () => {
  const problem = startProblem(fail("EADDRINUSE"), "127.0.0.1", 8080);
  expect(problem?.help).toContain("--port 8081");
});

test("other errors are not explained away", () => {
  expect(startProblem(new Error("boom"), "127.0.0.1", 80)).toBeUndefined();
  expect(startProblem(fail("EMFILE"), "127.0.0.1", 80)).toBeUndefined();
});
