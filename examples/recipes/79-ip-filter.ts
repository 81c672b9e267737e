// 79. Some routes for some networks only.
import type { Check } from "./check.ts";
import { App } from "sluice";
import { ipFilter } from "sluice/middleware";

export const app = new App()
  .get("/", () => "open to all")
  .group([ipFilter({ allow: ["10.0.0.0/8", "loopback"] })], (inner) =>
    inner.get("/internal", () => "for the house"),
  )
  .group([ipFilter({ deny: ["loopback"] })], (inner) =>
    inner.get("/elsewhere", () => "not for this machine"),
  );

export async function check({ serve, equal }: Check) {
  const { url } = await serve();
  const status = async (path: string) => (await fetch(url + path)).status;
  equal(
    [await status("/"), await status("/internal"), await status("/elsewhere")],
    [200, 200, 403],
  );
}
