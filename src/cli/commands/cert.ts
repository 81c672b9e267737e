import { createDevelopmentCertificate } from "../../server/tls/self-signed.ts";
import type { Command } from "../command.ts";
import { UsageError } from "../command.ts";
import { writeNew } from "../write-new.ts";

const DEFAULT_DAYS = 365;

export const certCommand: Command = {
  name: "cert",
  summary: "Make a self-signed certificate for development",
  usage: ["[NAME …] [OPTIONS]"],
  details:
    "Writes a certificate and its private key for the NAMEs (localhost, 127.0.0.1 and ::1 if left out): host names, *.example.com, addresses. Browsers ask before they trust it. The key is readable by you only.",
  options: {
    cert: { value: "FILE", help: "Where the certificate goes: cert.pem if left out" },
    key: { value: "FILE", help: "Where the private key goes: key.pem if left out" },
    days: { value: "DAYS", help: `How long it is valid: ${DEFAULT_DAYS} if left out` },
    force: { short: "f", help: "Overwrite files that are there" },
  },
  positionals: 100,
  examples: [
    ["sluice cert", "cert.pem and key.pem for localhost"],
    ["sluice cert dev.test '*.dev.test' --days 30", "for names of your own"],
  ],
  run(args, shell) {
    const { options } = args;
    const names =
      args.positionals.length > 0 ? args.positionals : ["localhost", "127.0.0.1", "::1"];
    const days = options["days"] === undefined ? DEFAULT_DAYS : Number(options["days"]);
    const cert = (options["cert"] as string | undefined) ?? "cert.pem";
    const key = (options["key"] as string | undefined) ?? "key.pem";
    if (cert === key) throw new UsageError("certificate and key need different files");
    const pair = makePair(names, days);
    writeNew(
      [
        { name: key, text: pair.key, mode: 0o600 },
        { name: cert, text: pair.certificate },
      ],
      options["force"] === true,
      shell,
    );
    shell.out(
      `wrote ${cert} and ${key} for ${names.join(", ")}, valid ${days} days\n\n` +
        `[server.tls]\ncert = ${JSON.stringify(cert)}\nkey = ${JSON.stringify(key)}\n`,
    );
    return 0;
  },
};

function makePair(names: readonly string[], days: number) {
  try {
    return createDevelopmentCertificate({ names, days });
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}
