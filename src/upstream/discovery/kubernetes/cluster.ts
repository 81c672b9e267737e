import { readFileSync } from "node:fs";
import type { ApiTls } from "../api-client.ts";
import { backendUrl } from "../backend-url.ts";

/** Where every pod finds what it may know of its cluster. */
const ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

/** How the API server of Kubernetes is reached. */
export interface ClusterOptions {
  /** `https://10.0.0.1:6443`. Default: the one of the cluster this runs in. */
  readonly apiServer?: string;
  /** A bearer token, or a file with one that is read before each request, since it is replaced every hour or so. */
  readonly token?: string;
  readonly tokenFile?: string;
  readonly tls?: ApiTls;
}

/** A cluster that can be asked. */
export interface Cluster {
  readonly address: string;
  readonly tls: ApiTls;
  /** The fields that say who asks. @throws when the token cannot be read */
  headers(): Record<string, string>;
}

/**
 * Finds out how a cluster is reached: as it is said, else as a pod in it does.
 * @throws Error when nothing is said and this is no pod
 */
export function clusterOf(
  { apiServer, token, tokenFile, tls }: ClusterOptions,
  env: Readonly<Record<string, string | undefined>>,
): Cluster {
  const inside = apiServer === undefined;
  const address = apiServer ?? addressInside(env);
  const file = tokenFile ?? (inside && token === undefined ? `${ACCOUNT}/token` : undefined);
  return {
    address,
    tls:
      inside && tls?.ca === undefined
        ? { ...tls, ca: readFileSync(`${ACCOUNT}/ca.crt`, "latin1") }
        : { ...tls },
    headers() {
      const text = file === undefined ? token : readFileSync(file, "latin1").trim();
      return text === undefined ? {} : { authorization: `Bearer ${text}` };
    },
  };
}

/** The address of the API server, as pods are told. @throws Error where nobody is told */
export function addressInside(env: Readonly<Record<string, string | undefined>>): string {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = "443" } = env;
  if (host === undefined || host === "") {
    throw new Error("this runs in no pod of Kubernetes: say where its API server is");
  }
  return backendUrl("https", host, Number(port));
}

/** The namespace of the pod this runs in, or `default`. */
export function ownNamespace(): string {
  try {
    return readFileSync(`${ACCOUNT}/namespace`, "utf8").trim() || "default";
  } catch {
    return "default";
  }
}
