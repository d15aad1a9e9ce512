export { createApp } from './createApp.ts';
export type { App, AppPorts, PullOptions } from './types.ts';
