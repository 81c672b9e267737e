export { FileSessions } from "./file-sessions.ts";
export { MemorySessions } from "./memory-sessions.ts";
export type { MemorySessionOptions } from "./memory-sessions.ts";
export { Session } from "./session.ts";
export type { FoundSession, SessionHome } from "./session.ts";
export type { SessionRecord, SessionStore, SessionStoreOptions } from "./session-store.ts";
export { sessions } from "./sessions.ts";
export type { SessionCookie, SessionOptions } from "./sessions.ts";
export { SqliteSessions } from "./sqlite-sessions.ts";
