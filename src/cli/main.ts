import { homedir } from 'node:os';
import { join } from 'node:path';
import { isatty } from 'node:tty';
import { engines, version } from '../../package.json';
import { createApp } from '../app/index.ts';
import type { Logger } from '../base/logger.ts';
import { dockerConfigSource } from '../registry/index.ts';
import { loadConfiguration } from '../store/index.ts';
import type { Input, Output } from './command.ts';
import { run } from './run.ts';
import { textFor } from './text.ts';

function outputTo(stream: NodeJS.WriteStream): Output {
  // A reader that has seen enough, such as `head`, is no failure.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  return {
    write: (text) => void stream.write(text),
    isTerminal: stream.isTTY,
    get columns() {
      return stream.isTTY ? stream.columns : 0;
    },
  };
}

/** Opening it costs, and keeps a pipe's reader waiting for an end: only who reads it shall. */
const lazyStdin: Input = {
  get stream() {
    return process.stdin;
  },
  get isTerminal() {
    return isatty(0);
  },
};

function loggerTo(output: Output, verbose: boolean): Logger {
  const line =
    (level: string, shown: boolean) =>
    (message: string): void => {
      if (shown) output.write(`${level}: ${message}\n`);
    };
  return {
    trace: line('trace', false),
    debug: line('debug', verbose),
    info: line('info', verbose),
    warn: line('warning', true),
    error: line('error', true),
  };
}

/** `>=22.15` of package.json: older ones have no zstd. */
function isNodeTooOld(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = engines.node.replace(/^\D+/, '').split('.').map(Number);
  return major < leastMajor || (major === leastMajor && minor < leastMinor);
}

async function main(): Promise<void> {
  const stdout = outputTo(process.stdout);
  const stderr = outputTo(process.stderr);
  if (isNodeTooOld()) {
    stderr.write(`strata needs Node.js ${engines.node}; this is ${process.versions.node}\n`);
    process.exitCode = 1;
    return;
  }
  // The launcher sets it so that VS Code's own program runs as Node; a credential helper must not inherit that.
  delete process.env.ELECTRON_RUN_AS_NODE;
  const logger = loggerTo(stderr, (process.env.STRATA_DEBUG ?? '') !== '');
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort());
  const app = createApp({
    configuration: async () => await loadConfiguration({ env: process.env }),
    credentials: dockerConfigSource({ env: process.env, homedir: homedir(), logger }),
    logger,
    workerPath: join(__dirname, 'worker.js'),
    userAgent: `strata/${version}`,
  });
  const text = textFor(process.env);
  process.exitCode = await run(process.argv.slice(2), version, {
    app,
    stdin: lazyStdin,
    stdout,
    stdoutStream: process.stdout,
    stderr,
    env: process.env,
    signal: interrupt.signal,
    text,
  });
  await app.close();
}

void main();
