import { App } from "../../../src/core/app.ts";
import { proxy } from "../../../src/proxy/proxy.ts";
import { serve } from "../../../src/server/serve.ts";
import { Upstream } from "../../../src/upstream/upstream.ts";

const [port, origin, cert, key] = process.argv.slice(2) as [string, string, string?, string?];
const upstream = new Upstream({ name: "origin", backends: [`127.0.0.1:${origin}`] });
const app = new App().add({ path: "/*", literal: true, handler: proxy(upstream) });
const tls =
  cert === undefined || key === undefined
    ? {}
    : {
        http3: false,
        tls: {
          certificates: [
            { certificate: await Bun.file(cert).text(), key: await Bun.file(key).text(), origin: cert },
          ],
        },
      };
await serve(app, { port: Number(port), ...tls });
