import { expect, test } from "bun:test";
import { OperationIds } from "./operation-id.ts";
import { pathTemplates } from "./path-template.ts";

test.each([
  ["/", ["/"]],
  ["/users/:id", ["/users/{id}"]],
  ["/users/:id{\\d+}/posts/", ["/users/{id}/posts/"]],
  ["/a/:b?/:c?", ["/a/{b}/{c}", "/a/{c}", "/a/{b}", "/a"]],
  ["/:lang{en|de}?", ["/{lang}", "/"]],
  ["/files/*", ["/files/{rest}"]],
  ["/files/:rest/*", ["/files/{rest}/{_rest}"]],
  ["/files/*path", ["/files/{path}"]],
  ["/{x}/ü", ["/%7Bx%7D/%C3%BC"]],
  ["/:not-a-name/*", ["/:not-a-name/{rest}"]],
])("%s is %p", (path, expected) => {
  expect(pathTemplates(path).map((template) => template.path)).toEqual(expected);
});

test("what a parameter must be goes with it", () => {
  expect(pathTemplates("/:id{\\d+}/*rest")[0]).toEqual({
    path: "/{id}/{rest}",
    shape: "/{}/{}",
    params: [
      { name: "id", pattern: "^(?:\\d+)$" },
      { name: "rest", tail: true },
    ],
  });
});

test("operations have ids of their own", () => {
  const ids = new OperationIds();
  const next = (method: string, path: string, name?: string) =>
    ids.next(name, method, pathTemplates(path)[0] as never);
  expect([
    next("GET", "/"),
    next("GET", "/users/:user_id/blog-posts"),
    next("GET", "/users/:userId/blog_posts"),
    next("POST", "/x", "getRoot"),
    next("POST", "/x", "make"),
    next("PUT", "/x", "make"),
  ]).toEqual([
    "getRoot",
    "getUsersByUserIdBlogPosts",
    "getUsersByUserIdBlogPosts2",
    "getRoot2",
    "make",
    "make2",
  ]);
});
