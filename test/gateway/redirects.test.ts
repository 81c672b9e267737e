// Redirects by groups and variables, through a gateway that listens.
import { expect, test } from "bun:test";
import { gatewayOf, withServer } from "./with-gateway.ts";

const config = `
[[route]]
match = { path = "~^/shop/(?<item>[a-z]+)/([0-9]+)$" }
action = { type = "redirect", to = "https://\${host}/new/$2/$<item>", status = 308 }

[[route]]
match = { host = "~^(?<tenant>[a-z]+)\\\\.old\\\\.test$", path = "~^/t(/.*)$" }
action = { type = "redirect", to = "https://new.test/$<tenant>$1" }

[[route]]
match = { host = "~^([a-z]+)\\\\.app\\\\.test$" }
action = { type = "redirect", to = "https://app.test/$1\${path}" }

[[route]]
match = { path = "/docs/*" }
action = { type = "redirect", to = "https://docs.test/\${rest}?from=\${path}" }

[[route]]
match = { path = "/sign-in" }
action = { type = "redirect", to = "/login?next=\${uri}&as=\${query:user}", keep_query = false }

[[route]]
match = { protocol = "http", path = "/*" }
action = { type = "redirect", to = "https://\${hostname}\${uri}", status = 301 }
`;

test.each([
  ["/shop/hat/7", "shop.test:81", "308 https://shop.test:81/new/7/hat"],
  ["/shop/hat/7?a=1", "shop.test", "308 https://shop.test/new/7/hat?a=1"],
  ["/t/a%20b", "acme.old.test", "302 https://new.test/acme/a%20b"],
  ["/x/y?z=1", "acme.app.test:8080", "302 https://app.test/acme/x/y?z=1"],
  ["/docs/a/b", "x.test", "302 https://docs.test/a/b?from=%2Fdocs%2Fa%2Fb"],
  ["/sign-in?user=a%26b", "x.test", "302 /login?next=%2Fsign-in%3Fuser%3Da%2526b&as=a%26b"],
  ["//evil.test/%0d%0aX:y?q=1&q", "x.test:81", "301 https://x.test/evil.test/%0D%0AX:y?q=1&q"],
])("%s on %s", async (path, host, expected) => {
  const { app } = await gatewayOf(config);
  await withServer(app, async (port) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      redirect: "manual",
      headers: { host },
    });
    expect(`${answer.status} ${answer.headers.get("location")}`).toBe(expected);
  });
});
