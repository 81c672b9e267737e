import { expect, test } from "bun:test";
import { folder, serving } from "../cli/cli.ts";

const config = (workers: number) => `[server]
port = 0
workers = ${workers}
[admin]
port = 0
[[route]]
name = "site"
match = { path = "/a/*" }
action = { type = "respond", body = "Hello" }
[[route]]
match = { host = "b.example" }
action = { type = "redirect", to = "https://c.example/" }
`;

/** The value of a series, or undefined. */
const valueIn = (text: string, series: string) => {
  const line = text.split("\n").find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
};

for (const workers of [1, 2]) {
  test(`/metrics of ${workers} processes: requests by route, never by what clients send`, async () => {
    using here = folder({ "sluice.toml": config(workers) });
    const server = await serving([], here.path);
    const [, admin] = server.started.addresses.map(({ url }: { url: string }) => url);
    for (let i = 0; i < 20; i++) {
      await (await fetch(`${server.url}/a/${i}`, { keepalive: false })).text();
    }
    for (let i = 0; i < 5; i++) await (await fetch(`${server.url}/none/${i}`)).text();
    const headers = { Host: "b.example" };
    await fetch(`${server.url}/x`, { headers, redirect: "manual" });
    const answer = await fetch(`${admin}/metrics`);
    expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const text = await answer.text();
    const requests = (labels: string) => valueIn(text, `sluice_requests_total{${labels}}`);
    expect(requests('method="GET",route="site",status="200"')).toBe(20);
    expect(requests('method="GET",route="none",status="404"')).toBe(5);
    expect(requests('method="GET",route="b.example/*",status="302"')).toBe(1);
    expect(valueIn(text, 'sluice_request_duration_seconds_count{route="site"}')).toBe(20);
    expect(valueIn(text, 'sluice_response_bytes_total{route="site"}')).toBe(100);
    expect(valueIn(text, 'sluice_info{version="0.1.0"}')).toBe(workers);
    expect(text).not.toContain("/none/");
    expect(await server.stop()).toBe(0);
  });
}
