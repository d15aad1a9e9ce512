// Runs in the extension host beside Strata, on the same thread, and so feels what Strata does to it.
// Results go to the folder STRATA_BENCH_DIR, one file each: probe-1.json, probe-2.json, …
// With STRATA_BENCH_PROFILE each probe writes a CPU profile too, at the price of a slower loop.
import { rename, writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import * as vscode from 'vscode';

const RESOLUTION_MS = 10;
const NANOSECONDS = 1e6;

/** @param {string} name @param {object} result */
async function report(name, result) {
  const path = join(process.env.STRATA_BENCH_DIR ?? '', name);
  // Whoever waits for the file must not see half of it.
  await writeFile(`${path}.tmp`, JSON.stringify(result));
  await rename(`${path}.tmp`, path);
}

/** @param {vscode.ExtensionContext} context */
export function activate(context) {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  let utilization = performance.eventLoopUtilization();
  let started = 0;
  let count = 0;
  const session = process.env.STRATA_BENCH_PROFILE === undefined ? undefined : new Session();
  session?.connect();

  const start = async () => {
    await session?.post('Profiler.enable');
    await session?.post('Profiler.start');
    delay.reset();
    delay.enable();
    utilization = performance.eventLoopUtilization();
    started = performance.now();
  };

  const stop = async () => {
    delay.disable();
    count++;
    const profiled = await session?.post('Profiler.stop');
    if (profiled !== undefined) await report(`probe-${count}.cpuprofile`, profiled.profile);
    const percentile = (/** @type {number} */ share) => delay.percentile(share) / NANOSECONDS;
    await report(`probe-${count}.json`, {
      seconds: (performance.now() - started) / 1000,
      samples: delay.count,
      p50: percentile(50),
      p90: percentile(90),
      p99: percentile(99),
      max: delay.max / NANOSECONDS,
      utilization: performance.eventLoopUtilization(utilization).utilization,
      peakMegabytes: (process.resourceUsage().maxRSS * 1024) / 1e6,
    });
  };

  context.subscriptions.push(
    vscode.commands.registerCommand('strataBench.start', start),
    vscode.commands.registerCommand('strataBench.stop', stop),
  );
}
