export { createApp } from './createApp.ts';
export type { App, PullOptions } from './types.ts';
