export { discardBody, readBody } from './body.ts';
export { HostList, isLoopbackHost, portOf, splitHost } from './hosts.ts';
export { proxyFromEnvironment } from './proxy.ts';
export { redactText, redactUrl } from './redact.ts';
export { retryAfterMs } from './retry.ts';
export { createTransport } from './transport.ts';
export type { HttpMethod, HttpResponse, ProxySettings, Transport, TransportConfig } from './types.ts';
