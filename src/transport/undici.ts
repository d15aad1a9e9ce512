/**
 * The door to undici. Import it dynamically: it is only wanted with the first request.
 *
 * Its inner files, not its index, for two reasons. The index installs a global dispatcher, which the `fetch` of every
 * other extension in the same host would then use. And it loads fetch, WebSocket and caches that we do not use:
 * three times the loading time and twice the bundle.
 */
import Agent from 'undici/lib/dispatcher/agent.js';
import Pool from 'undici/lib/dispatcher/pool.js';
import buildConnector from 'undici/lib/core/connect.js';
import openTunnel from 'undici/lib/api/api-connect.js';

export { Agent, Pool, buildConnector, openTunnel };
