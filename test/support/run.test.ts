import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run, runOk } from './run.ts';
import { tempFolder } from './tempFolder.ts';

const node = (script: string, options: Parameters<typeof run>[2] = {}): ReturnType<typeof run> =>
  run(process.execPath, ['-e', script], options);

describe('run', () => {
  it('gives back code and both outputs', async () => {
    const script = 'console.log("out"); console.error("err"); process.exitCode = 3';
    expect(await node(script)).toEqual({ code: 3, stdout: 'out\n', stderr: 'err\n' });
  });

  it('hands over input, folder and environment', async () => {
    const folder = await tempFolder();
    const script = 'process.stdin.pipe(process.stdout); console.log(process.cwd(), process.env.A)';
    const { stdout } = await node(script, { cwd: folder.path, env: { A: 'b' }, input: 'text' });
    expect(stdout).toBe(`${folder.path} b\ntext`);
    await folder.remove();
  });

  it('kills what takes too long', async () => {
    await expect(node('setInterval(() => 0, 1000)', { timeout: 200 })).rejects.toThrow('took over 200 ms');
  });

  it('fails for what it cannot start', async () => {
    await expect(run('/nonexistent/command', [])).rejects.toThrow('ENOENT');
  });

  it('says with runOk what went wrong', async () => {
    expect(await runOk(process.execPath, ['-p', '1'])).toBe('1\n');
    await expect(runOk(process.execPath, ['-e', 'throw 7'])).rejects.toThrow('ended with 1');
  });
});

describe('tempFolder', () => {
  it('is empty and its own, and goes with all that is in it', async () => {
    const [one, other] = [await tempFolder(), await tempFolder()];
    expect(one.path).not.toBe(other.path);
    mkdirSync(join(one.path, 'a'));
    writeFileSync(join(one.path, 'a/b'), '');
    await Promise.all([one.remove(), other.remove()]);
    expect(existsSync(one.path)).toBe(false);
  });
});
