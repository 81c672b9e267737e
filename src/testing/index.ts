export { client } from "../client/client.ts";
export { ClientCookies } from "../client/client-cookies.ts";
export { createTestApp } from "../client/test-app.ts";
export type { TestApp, TestOverrides } from "../client/test-app.ts";
export { testClient } from "./test-client.ts";
export type { TestClient } from "./test-client.ts";
