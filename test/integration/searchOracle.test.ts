import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { strata } from '../support/cli.ts';
import { startDockerRegistry } from '../support/dockerRegistry.ts';
import type { DockerRegistry } from '../support/dockerRegistry.ts';
import { startDockerd } from '../support/dockerd.ts';
import type { Dockerd } from '../support/dockerd.ts';
import { startHub } from '../support/hub.ts';
import { Oracle } from '../support/oracle.ts';
import { pushImage } from '../support/pushImage.ts';
import { noisyImage } from '../support/pullWorld.ts';
import type { Service } from '../support/registry/service.ts';
import { tempFolder } from '../support/tempFolder.ts';
import type { TempFolder } from '../support/tempFolder.ts';

/** `strata search` beside the real `docker search`, both asking a stand-in of Docker Hub for `/v1/search`. */

const LONG = 'The quick brown fox, or so it is said, jumps over the lazy dog every day';

let hub: Service;
let folder: TempFolder;
let dockerd: Dockerd;
let registry: DockerRegistry;
let oracle: Oracle;

beforeAll(async () => {
  const many = Array.from({ length: 40 }, (_, i) => ({
    name: `many/app${i}`,
    stars: Math.floor((40 - i) / 3),
  }));
  [hub, folder, dockerd, registry] = await Promise.all([
    startHub({
      repositories: [
        { name: 'fox', description: LONG, stars: 3, automated: true },
        { name: 'busybox', description: 'Busybox base image.', stars: 3000, official: true },
        { name: 'lazy/fox', stars: 3 },
        { name: 'wide/fox', description: '描述'.repeat(30), stars: 12345 },
        { name: 'two/boxlines', description: 'one\nline\r\nand another' },
        { name: 'html/box', description: '<b>"bold" & more</b>', stars: 1, official: true, automated: true },
        ...many,
      ],
    }),
    tempFolder(),
    startDockerd(),
    startDockerRegistry(),
  ]);
  oracle = new Oracle(dockerd, `${folder.path}/store`, { '%': hub.host });
});
afterAll(async () => {
  await Promise.all([dockerd.close(), hub.close(), registry.close()]);
  await folder.remove();
});

describe('search beside docker', () => {
  it.each([
    'search %/fox',
    'search %/box',
    'search %/nothing',
    'search --no-trunc %/box',
    'search --no-trunc=false %/fox',
    'search %/many',
    'search --limit 3 %/many',
    'search --limit=100 %/many',
    'search --limit 1 %/box',
    'search --limit 0 %/box',
    'search --limit 101 %/box',
    'search --limit=-1 %/box',
    'search --limit x %/box',
    'search -f stars=3 %/ox',
    'search --filter stars=+3 %/ox',
    'search -f stars=1 -f stars=1000 %/ox',
    'search -f stars=-1 %/fox',
    'search -f stars=x %/fox',
    'search -f stars= %/fox',
    'search -f is-official=true %/ox',
    'search -f is-official=false %/ox',
    'search -f IS-Official=true %/ox',
    'search -f is-official=1 %/ox',
    'search -f is-official= %/ox',
    'search -f is-automated=true %/ox',
    'search -f is-automated=true -f is-automated=true %/ox',
    'search -f is-automated=false -f stars=3 %/ox',
    'search -f foo=bar %/ox',
    'search -f foo %/ox',
    'search -f foo=bar --limit 0 %/ox',
    'search --format {{.Name}} %/ox',
    'search --format table %/fox',
    'search --format raw %/fox',
    "search --format '' %/fox",
    'search --format {{.Bogus}} %/fox',
    'search --format {{.Bogus}} %/nothing',
    'search --format {{ %/fox',
    'search --format {{.StarCount}}|{{.IsOfficial}}|{{.IsAutomated}}|{{.Description}} %/ox',
    'search',
    'search a b',
    'search -x a',
    'search --stars 3 a',
    'search --automated a',
    'search http://%/fox',
  ])('%s', async (line) => {
    // Docker's usage names Docker Hub only.
    const theirs = (text: string): string => text.replace('the Docker Hub', 'a registry');
    await oracle.same(line, { theirs });
  });

  it('everything, in the order of the registry where stars are equal: Go sorts without keeping it', async () => {
    await oracle.same('search %/', { sorted: true });
    const { stdout } = await strata(['search', '--format', '{{.StarCount}}', `${hub.host}/`], {
      root: `${folder.path}/store`,
    });
    const stars = stdout.trim().split('\n').map(Number);
    expect(stars).toEqual(stars.toSorted((a, b) => b - a));
  });

  it.each([['{{json .}}'], ['table {{.Name}}\\t{{.StarCount}}\\t{{.IsOfficial}}{{.IsAutomated}}']])(
    '--format %s',
    async (format) => {
      await oracle.same(['search', '--format', format, '%/ox']);
      await oracle.same(['search', '--no-trunc', '--format', format, '%/ox']);
    },
  );
});

describe('search where docker finds nothing', () => {
  it('reads the catalogue of a registry that has no /v1/search', async () => {
    for (const name of ['team/app', 'team/web', 'other/app2']) {
      await pushImage(registry.url, name, 'latest', noisyImage([1000]));
    }
    const { docker, own } = await oracle.both(['search', `${registry.host}/app`]);
    expect(docker).toMatchObject({
      code: 1,
      stderr: 'Error response from daemon: Unexpected status code 404\n',
    });
    expect(own).toMatchObject({ code: 0, stderr: '' });
    expect(own.stdout.split('\n').map((line) => line.trim())).toEqual([
      'NAME         DESCRIPTION   STARS     OFFICIAL   AUTOMATED',
      'other/app2                 0',
      'team/app                   0',
      '',
    ]);
  });

  it('searches Docker Hub where the configuration says that it stands', async () => {
    const root = `${folder.path}/store`;
    const env = { STRATA_HUB_URL: hub.url };
    hub.requests.length = 0;
    const { code, stdout } = await strata(['search', '--format', '{{.Name}}', 'library/fox'], { root, env });
    expect([code, stdout]).toEqual([0, 'wide/fox\nfox\nlazy/fox\n']);
    // Nothing but what docker asks.
    expect(hub.requests.map(({ path }) => path)).toEqual(['/v1/search?q=fox&n=25']);
  });
});
