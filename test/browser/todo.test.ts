// The todo application end to end: two people, each in a Chromium of their own.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { chromium } from "playwright-core";
import { createTodoApp } from "../../examples/todo/todo-app.ts";
import type { Server } from "../../src/server/serve.ts";
import { serve } from "../../src/server/serve.ts";
import { lacks } from "../support/programs.ts";

const password = "correct horse";

describe.skipIf(lacks("chromium"))("the todo application in Chromium", () => {
  let browser: Browser;
  let server: Server;
  let folder: string;
  let base: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "sluice-todo-"));
    server = await serve(createTodoApp({ folder: join(folder, "data") }), { port: 0 });
    base = `http://localhost:${server.port}`;
    browser = await chromium.launch({
      executablePath: "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP localhost 127.0.0.1"],
    });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(folder, { recursive: true });
  });

  /** A page in a browser of its own, and what its console complains of. */
  async function open(path: string): Promise<{ page: Page; complaints: string[] }> {
    const context = await browser.newContext({ acceptDownloads: true });
    context.setDefaultTimeout(15_000);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    page.on("pageerror", ({ message }) => complaints.push(message));
    await page.goto(base + path);
    return { page, complaints };
  }

  async function enter(page: Page, action: "sign-up" | "sign-in", name: string): Promise<void> {
    const form = page.locator(`form[action="/${action}"]`);
    await form.locator('[name="name"]').fill(name);
    await form.locator('[name="password"]').fill(password);
    await form.locator("button").click();
    await page.locator("#todos").waitFor();
  }

  test("people sign up, work, see what others do and talk", async () => {
    const ada = await open("/");
    await enter(ada.page, "sign-up", "ada");
    const bob = await open("/");
    await enter(bob.page, "sign-up", "bob");

    // Bob works; ada, who is an admin, sees it without touching anything.
    await bob.page.getByLabel("New todo").fill("Water <the> plants");
    await bob.page.getByRole("button", { name: "Add" }).click();
    const item = (page: Page) => page.locator("#todos li", { hasText: "Water <the> plants" });
    await item(bob.page).waitFor();
    await item(ada.page).waitFor();
    expect(await item(ada.page).locator(".quiet").textContent()).toBe("bob");

    await item(bob.page).getByRole("checkbox").check();
    await item(ada.page).locator("input:checked").waitFor();

    const note = join(folder, "how.txt");
    writeFileSync(note, "Not too much.\n");
    await item(bob.page).locator('input[type="file"]').setInputFiles(note);
    const link = item(ada.page).getByRole("link", { name: "how.txt" });
    await link.waitFor();
    const [download] = await Promise.all([ada.page.waitForEvent("download"), link.click()]);
    expect(download.suggestedFilename()).toBe("how.txt");
    expect(await Bun.file(await download.path()).text()).toBe("Not too much.\n");

    await ada.page.getByLabel("Message").fill("Thank you & <b>goodbye</b>");
    await ada.page.getByRole("button", { name: "Send" }).click();
    const said = bob.page.locator("#messages li", { hasText: "Thank you & <b>goodbye</b>" });
    await said.waitFor();
    expect(await said.textContent()).toBe("ada Thank you & <b>goodbye</b>");

    await item(ada.page)
      .getByRole("button", { name: /^Delete/ })
      .click();
    await item(bob.page).waitFor({ state: "detached" });

    await bob.page.getByRole("button", { name: "Sign out" }).click();
    await bob.page.getByRole("heading", { name: "Sign up" }).waitFor();
    expect((await bob.page.request.get(`${base}/api/me`)).status()).toBe(401);
    await enter(bob.page, "sign-in", "bob");
    expect([...ada.complaints, ...bob.complaints]).toEqual([]);
    await ada.page.context().close();
    await bob.page.context().close();
  }, 60_000);

  test("what is wrong is said on the page", async () => {
    const { page } = await open("/");
    const form = page.locator('form[action="/sign-up"]');
    await form.locator('[name="name"]').fill("eve");
    await form.locator('[name="password"]').fill("short");
    await form.locator("button").click();
    const problem = page.locator(".problem", { hasText: "at least 8 characters" });
    await problem.waitFor();
    await enter(page, "sign-up", "eve");
    await page.getByLabel("New todo").fill("x");
    await page.getByRole("button", { name: "Add" }).click();
    const picture = { name: "a.svg", mimeType: "image/svg+xml", buffer: Buffer.from("<svg/>") };
    await page.locator('#todos input[type="file"]').setInputFiles(picture);
    await page.locator("#notice", { hasText: "attach one of image/png" }).waitFor();
    await page.context().close();
  }, 60_000);

  test("the page of the API shows its operations", async () => {
    const { page, complaints } = await open("/docs");
    await page.locator(".opblock", { hasText: "/api/todos/{id}/attachment" }).first().waitFor();
    expect(await page.locator(".opblock").count()).toBe(12);
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 60_000);
});
