export { config, SettingsError } from "./own-settings.ts";
export type { SettingsOptions } from "./own-settings.ts";
