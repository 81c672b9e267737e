// node:http as it comes, answering 200 to everything, for comparison with our own engine.
import { createServer } from "node:http";

const server = createServer((request, response) => {
  request.resume();
  request.on("end", () => {
    const delay = request.url === "/slow" ? 30 : 0;
    setTimeout(() => answer(request, response), delay);
  });
});

function answer(request, response) {
  const path = request.url.split("?")[0];
  if (path === "/204" || path === "/304") response.writeHead(Number(path.slice(1)));
  if (path === "/hints") response.writeEarlyHints({ link: "</style.css>; rel=preload" });
  response.end(path === "/204" || path === "/304" ? undefined : "ok");
}

server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.on("end", () => process.exit(0)).resume();
