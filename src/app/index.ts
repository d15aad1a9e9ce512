export type { App, AppPorts, PullOptions } from './types.ts';
