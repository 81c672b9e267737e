import { expect, test } from "bun:test";
import type { Credentials } from "./privileges.ts";
import { dropPrivileges } from "./privileges.ts";

const find = (user: string) => (user === "www" ? { uid: 33, gid: 34 } : undefined);

/** A process that writes down what it is asked. */
function credentials(uid: number, options: { sticky?: boolean; unknownGroup?: boolean } = {}) {
  const calls: string[] = [];
  const fake: Credentials = {
    getuid: () => uid,
    initgroups(user, group) {
      if (options.unknownGroup)
        throw Object.assign(new Error(), { code: "ERR_UNKNOWN_CREDENTIAL" });
      calls.push(`initgroups ${user} ${group}`);
    },
    setgid: (group) => void calls.push(`setgid ${group}`),
    setuid(user) {
      if (uid !== 0 && !options.sticky) throw new Error("EPERM");
      calls.push(`setuid ${user}`);
      uid = Number(user);
    },
  };
  return { fake, calls };
}

test("supplementary groups, group and user, in this order", () => {
  const { fake, calls } = credentials(0);
  dropPrivileges({ user: "www" }, fake, find);
  expect(calls).toEqual(["initgroups www 34", "setgid 34", "setuid 33"]);
});

test("a group of its own", () => {
  const { fake, calls } = credentials(0);
  dropPrivileges({ user: "www", group: "tls" }, fake, find);
  expect(calls).toEqual(["initgroups www tls", "setgid tls", "setuid 33"]);
});

test("nothing to do for a process that is that user", () => {
  const { fake, calls } = credentials(33);
  dropPrivileges({ user: "www" }, fake, find);
  expect(calls).toEqual([]);
});

test.each([
  ["not root", credentials(1000).fake, { user: "www" }, "only root can become www"],
  ["no such user", credentials(0).fake, { user: "nobody-here" }, 'no user "nobody-here"'],
  [
    "no such group",
    credentials(0, { unknownGroup: true }).fake,
    { user: "www", group: "x" },
    'no group "x"',
  ],
  ["a way back", credentials(0, { sticky: true }).fake, { user: "www" }, "could become root again"],
  ["no users at all", {}, { user: "www" }, "remove server.user"],
])("refused: %s", (_, fake, identity, message) => {
  expect(() => dropPrivileges(identity, fake, find)).toThrow(message);
});
