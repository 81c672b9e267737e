export type { UpstreamReply, UpstreamRequest, UpstreamTimeouts } from "./call.ts";
export { UpstreamFault } from "./fault.ts";
export type { FaultCode } from "./fault.ts";
export type { PoolLimits } from "./pool-limits.ts";
export { Upstream } from "./upstream.ts";
export type { UpstreamTls } from "./transport-to.ts";
export type { UpstreamOptions } from "./upstream.ts";
export type { HealthCheckSettings } from "./health/health-check.ts";
export type { HealthCheckOptions } from "./health/health-checker.ts";
export type { HealthThresholds } from "./health/health-state.ts";
export type { HttpProbeOptions } from "./health/http-probe.ts";
export type { GrpcProbeOptions } from "./health/grpc-probe.ts";
export type { BackendOptions } from "./backend-options.ts";
export type { Backend, BackendState } from "./backend.ts";
export type { UpstreamObserver } from "./upstream-observer.ts";
export type { Discovered, DiscoverySource } from "./discovery/discovery-source.ts";
export type { Discovery, DiscoveryState } from "./discovery/discovery.ts";
export type { DiscoveryEvent } from "./upstream-observer.ts";
export { fromFile } from "./discovery/file-source.ts";
export { fromEnvironment } from "./discovery/env-source.ts";
export { fromDns, fromDnsService } from "./discovery/dns/dns-source.ts";
export type {
  DnsAddressOptions,
  DnsOptions,
  DnsServiceOptions,
} from "./discovery/dns/dns-source.ts";
export { upstreamFetch } from "./upstream-fetch.ts";
export type { UpstreamFetchOptions } from "./upstream-fetch.ts";
export { fromConsul } from "./discovery/consul-source.ts";
export type { ConsulOptions } from "./discovery/consul-source.ts";
export { fromDocker } from "./discovery/docker-source.ts";
export type { DockerOptions } from "./discovery/docker-source.ts";
export { fromEtcd } from "./discovery/etcd-source.ts";
export type { EtcdOptions } from "./discovery/etcd-source.ts";
export { fromKubernetes } from "./discovery/kubernetes/kubernetes-source.ts";
export type { KubernetesOptions } from "./discovery/kubernetes/kubernetes-source.ts";
export type { ClusterOptions } from "./discovery/kubernetes/cluster.ts";
export type { ApiTls } from "./discovery/api-client.ts";
