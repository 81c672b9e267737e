export { serve } from "./serve.ts";
export type { Server, ServerAddress } from "./serve.ts";
export type { Observer, Outcome, Refusal } from "./engine.ts";
export { defaultLimits } from "./limits.ts";
export type { Limits } from "./limits.ts";
export type {
  CertificateSettings,
  RedirectSettings,
  ServeOptions,
  ServerSettings,
  TlsSettings,
} from "./settings.ts";
export { createDevelopmentCertificate } from "./tls/self-signed.ts";
