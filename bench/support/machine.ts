import { readFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import { output } from './commands.ts';

/** What the figures depend on, and nothing that names whose machine it is. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly system: string;
  /** File system and kind of disk beneath a folder. */
  readonly disk: string;
  readonly node: string;
}

/** @param folder where the benchmark writes */
export async function describeMachine(folder: string): Promise<Machine> {
  const system = /^PRETTY_NAME="?(.*?)"?$/m.exec(
    await readFile('/etc/os-release', 'utf8').catch(() => ''),
  )?.[1];
  const cores = cpus();
  return {
    cpu: cores[0]?.model ?? 'unknown',
    cores: cores.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release().split('-')[0] ?? release(),
    system: system ?? process.platform,
    disk: await describeDisk(folder),
    node: process.version,
  };
}

async function describeDisk(folder: string): Promise<string> {
  try {
    const row = (await output('findmnt', ['-no', 'FSTYPE,SOURCE', '--target', folder])).trim().split(/\s+/);
    const [type = 'unknown', source = ''] = row;
    const kind = source.startsWith('/dev/vd')
      ? 'virtio disk'
      : source.startsWith('/dev/nvme')
        ? 'NVMe'
        : 'disk';
    return `${type} on a ${kind}`;
  } catch {
    return 'unknown';
  }
}
