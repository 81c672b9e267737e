/** What `sluice init` writes: formatted as `sluice fmt` does, and free of errors and warnings. */
export const starterConfig = `# Sluice configuration. "sluice check" checks it, "sluice print" shows every default.

[server]
host = "127.0.0.1" # "0.0.0.0" opens it to the network
port = 8080
# workers = "auto" # one process for each core
# health = true # answer /healthz and /readyz

# HTTPS, HTTP/2 and HTTP/3. "sluice cert" makes this pair for development.
# [server.tls]
# cert = "cert.pem"
# key = "key.pem"

[log]
access = "stdout" # "off", or a file
format = "auto" # combined, json or pretty

# Routes are tried in this order: the first that matches answers.

[[route]]
match = { path = "/old/*" }
action = { type = "redirect", to = "/", status = 308 }

[[route]]
match = { path = "/hello" }
action = { type = "respond", body = "Hello\\n" }

[[route]]
match = { path = "/*" }

[route.action]
type = "static"
root = "./public"
# listing = true # list directories without an index.html
# fallback = { document = "index.html" } # single-page application
# error_pages = { 404 = "404.html" }

[[route.action.cache_control]]
files = "assets/**"
value = "public, max-age=31536000, immutable"
`;

export const starterPage = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>It works</title>
  </head>
  <body>
    <h1>It works</h1>
    <p>This is <code>public/index.html</code>.</p>
  </body>
</html>
`;
