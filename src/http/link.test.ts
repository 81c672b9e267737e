import { expect, test } from "bun:test";
import type { Link } from "./link.ts";
import { formatLinks, parseLinks } from "./link.ts";

test.each<[Link[], string]>([
  [[{ href: "/a?page=2", rel: "next" }], '</a?page=2>; rel="next"'],
  [
    [
      { href: "https://a.example/", rel: "first" },
      { href: "?p=1", rel: "prev start" },
    ],
    '<https://a.example/>; rel="first", <?p=1>; rel="prev start"',
  ],
  [[{ href: '/ü>; rel="x"\r\n', rel: "next" }], '</%C3%BC%3E;%20rel=%22x%22%0D%0A>; rel="next"'],
  [[{ href: "/a%20b", rel: "x" }], '</a%20b>; rel="x"'],
  [
    [{ href: "/", rel: "x", attributes: { title: 'a "b" \\', as: "style" } }],
    '</>; rel="x"; title="a \\"b\\" \\\\"; as="style"',
  ],
  [
    [{ href: "/", rel: "x", attributes: { title: "ü\r\n(1)" } }],
    "</>; rel=\"x\"; title*=UTF-8''%C3%BC%0D%0A%281%29",
  ],
  [[], ""],
])("%j", (links, text) => {
  expect(formatLinks(links)).toBe(text);
});

test("an attribute's name is a token", () => {
  for (const name of ["", "a b", "a\n", "title*", "ä"]) {
    expect(() => formatLinks([{ href: "/", rel: "x", attributes: { [name]: "1" } }])).toThrow(
      "token",
    );
  }
});

test.each<[string, string[]]>([
  ["", []],
  ["junk", []],
  ['</a>; rel="next"', ["/a next"]],
  ["</a>;rel=next;title=x", ["/a next title=x"]],
  ['</a>; rel="Next prev"; rel=other , <b>', ["/a next+prev", "b "]],
  ['</a>; title="a, <b>; \\"c\\""; rel=x,,</c>; rel=y', ['/a x title=a, <b>; "c"', "/c y"]],
  ["</a>; crossorigin; rel=x;", ["/a x crossorigin="]],
  ['</a>; rel=x junk, </b>; rel="y"', ["/a x"]],
  ['</a>; rel="x', ["/a x"].slice(1).concat("/a ")],
  ["<", []],
])("%j is read", (field, shown) => {
  const text = parseLinks(field).map(({ href, rels, attributes }) =>
    [`${href} ${rels.join("+")}`, ...[...attributes].map((pair) => pair.join("="))].join(" "),
  );
  expect(text).toEqual(shown);
});

test("what was written is read again", () => {
  const text = formatLinks([
    { href: "/a?b=c,d;e", rel: "next", attributes: { title: 'x", <y>' } },
    { href: "/z", rel: "last" },
  ]);
  expect(parseLinks(text).map(({ href, rels }) => [href, ...rels])).toEqual([
    ["/a?b=c,d;e", "next"],
    ["/z", "last"],
  ]);
});
