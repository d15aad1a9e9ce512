import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createVSIX } from '@vscode/vsce';
import { installCodeServer, startCodeServer } from '../../scripts/support/codeServer.mjs';
import { ensureVsix } from '../../scripts/support/vsix.mjs';
import { launchBrowser } from '../../test/e2e/browser.ts';
import { startDockerRegistry } from '../../test/support/dockerRegistry.ts';
import { tempFolder } from '../../test/support/tempFolder.ts';
import { benchImage, describeImage } from '../pull/image.ts';
import { ARTIFACTS, output, PROJECT } from '../support/commands.ts';
import { describeMachine } from '../support/machine.ts';
import { push } from '../support/push.ts';
import { table } from '../support/tables.ts';
import { CodeWindow } from './codeWindow.ts';

/** What the probe in the extension host writes; times in milliseconds unless named otherwise. */
interface ProbeResult {
  readonly seconds: number;
  readonly samples: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
  readonly utilization: number;
  readonly peakMegabytes: number;
}

const P99_LIMIT_MS = 20;
/** VS Code's own start, before anything is measured. */
const SETTLE_MS = 10_000;
const IDLE_MS = 8000;
const POLL_MS = 100;
const PULL_LIMIT_MS = 180_000;

/** Pulls the benchmark image in a real VS Code and measures its extension host meanwhile. */
export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { runs: { type: 'string', default: '3' }, profile: { type: 'boolean', default: false } },
  });
  const undo: (() => Promise<unknown>)[] = [];
  let failing: CodeWindow | undefined;
  try {
    const image = await benchImage(console.log);
    console.log(describeImage(image));
    const vsix = await ensureVsix();
    await installCodeServer();
    const registry = await startDockerRegistry();
    undo.push(() => registry.close());
    await push(registry.host, 'bench', 'latest', image);

    const home = await tempFolder('strata-bench-vscode-');
    undo.push(() => home.remove());
    const folders = {
      workspace: 'workspace',
      store: 'store',
      results: 'results',
      docker: 'docker',
      config: 'config',
    };
    const at = (folder: keyof typeof folders): string => join(home.path, folders[folder]);
    await Promise.all([
      mkdir(at('workspace')),
      mkdir(at('results')),
      mkdir(at('docker')),
      mkdir(at('config')),
    ]);
    const probe = join(home.path, 'probe.vsix');
    const packaging = {
      packagePath: probe,
      allowMissingRepository: true,
      skipLicense: true,
      dependencies: false,
    };
    await createVSIX({ cwd: join(import.meta.dirname, 'probe'), ...packaging });
    const env = { STRATA_ROOT: at('store'), DOCKER_CONFIG: at('docker'), XDG_CONFIG_HOME: at('config') };
    const server = await startCodeServer({
      home: home.path,
      extensions: [vsix, probe],
      // VS Code's server looks for open ports from the extension host's thread, and blocks it for 100 ms at a time.
      settings: { 'remote.autoForwardPorts': false },
      env: { ...env, STRATA_BENCH_DIR: at('results'), ...(values.profile && { STRATA_BENCH_PROFILE: '1' }) },
    });
    undo.push(server.stop);
    const browser = await launchBrowser();
    undo.push(() => browser.close());

    const window = await CodeWindow.open(browser, server.url, at('workspace'));
    failing = window;
    const result = <T>(name: string): Promise<T> => waitForJson<T>(join(at('results'), name));
    await sleep(SETTLE_MS);
    const activation = await window.activationTime();
    await window.showStrata();

    let probes = 0;
    const probed = async (work: () => Promise<void>): Promise<ProbeResult> => {
      await window.runCommand('Strata Bench: Start Probe');
      await work();
      await window.runCommand('Strata Bench: Stop Probe');
      probes++;
      return await result<ProbeResult>(`probe-${probes}.json`);
    };
    const results = new Map<string, ProbeResult>();
    results.set('idle', await probed(() => sleep(IDLE_MS)));
    const name = `${registry.host}/bench:latest`;
    for (let run = 1; run <= Number(values.runs); run++) {
      const pulled = await probed(async () => {
        await window.pullImage(name);
        await waitForImage(at('store'), 'bench:latest');
      });
      results.set(`pull ${run}`, pulled);
      await output(process.execPath, [join(PROJECT, 'dist/cli.js'), 'rmi', name], {
        env: { ...process.env, ...env },
      });
      await rm(join(at('store'), 'strata/partial'), { recursive: true, force: true });
    }
    if (values.profile) await keepProfiles(at('results'));
    await report(activation, results);
  } catch (error) {
    await failing?.screenshot('bench-extension-host-failed').catch(() => undefined);
    throw error;
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

async function report(activation: string, results: ReadonlyMap<string, ProbeResult>): Promise<void> {
  const rows = [...results].map(([name, { seconds, p50, p90, p99, max, utilization, peakMegabytes }]) => [
    ...[name, seconds.toFixed(1), p50.toFixed(1), p90.toFixed(1), p99.toFixed(1), max.toFixed(1)],
    ...[`${(utilization * 100).toFixed(0)} %`, peakMegabytes.toFixed(0)],
  ]);
  console.log(table(['', 'seconds', 'p50 ms', 'p90 ms', 'p99 ms', 'max ms', 'loop busy', 'peak MB'], rows));
  const worst = Math.max(...[...results.values()].map(({ p99 }) => p99));
  console.log(
    `\nworst p99: ${worst.toFixed(1)} ms, limit ${P99_LIMIT_MS}: ${worst < P99_LIMIT_MS ? 'holds' : 'MISSED'}`,
  );
  console.log(`VS Code says: ${activation}`);
  await mkdir(ARTIFACTS, { recursive: true });
  const record = {
    measuredAt: new Date().toISOString(),
    machine: await describeMachine(PROJECT),
    activation,
    results: Object.fromEntries(results),
  };
  await writeFile(join(ARTIFACTS, 'bench-extension-host.json'), `${JSON.stringify(record, null, 2)}\n`);
}

/** Chrome's and VS Code's profilers open them. */
async function keepProfiles(from: string): Promise<void> {
  await mkdir(ARTIFACTS, { recursive: true });
  for (const name of (await readdir(from)).filter((file) => file.endsWith('.cpuprofile'))) {
    await copyFile(join(from, name), join(ARTIFACTS, `bench-extension-host-${name}`));
  }
}

/** Waits until the store lists a name that ends so: then the pull is over. */
async function waitForImage(store: string, ending: string): Promise<void> {
  await until(async () => {
    const index = await readFile(join(store, 'index.json'), 'utf8').catch(() => '');
    return index.includes(`${ending}"`) ? true : undefined;
  }, `an image ${ending} in the store`);
}

async function waitForJson<T>(path: string): Promise<T> {
  return await until(async () => {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    return text === undefined ? undefined : (JSON.parse(text) as T);
  }, path);
}

async function until<T>(look: () => Promise<T | undefined>, what: string): Promise<T> {
  const deadline = Date.now() + PULL_LIMIT_MS;
  while (Date.now() < deadline) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(POLL_MS);
  }
  throw new Error(`${what} did not come within ${PULL_LIMIT_MS / 1000} s`);
}
