import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { strata } from '../support/cli.ts';
import { startDockerd } from '../support/dockerd.ts';
import type { Dockerd } from '../support/dockerd.ts';
import { buildImage } from '../support/images.ts';
import { Oracle } from '../support/oracle.ts';
import { pushImage } from '../support/pushImage.ts';
import { startRegistry } from '../support/registry/index.ts';
import type { TestRegistry } from '../support/registry/index.ts';
import { tempFolder } from '../support/tempFolder.ts';
import type { TempFolder } from '../support/tempFolder.ts';

/** Templates of `--format` and `-f`, printed by us and by docker 20.10.24 of the same images. */

let registry: TestRegistry;
let folder: TempFolder;
let dockerd: Dockerd;
let oracle: Oracle;

/** All that a configuration can say, and what is hard to print. */
const RICH = buildImage({
  created: '2023-04-05T06:07:08Z',
  author: 'Ada <ada@example.com>',
  layers: [
    {
      entries: [{ path: 'etc/', type: 'directory' }],
      createdBy: '/bin/sh -c #(nop) ADD\tfile:1 in / ',
      comment: 'a <b> & "c"',
    },
    { empty: true, createdBy: 'ENV GREETING=日本語 and a line that is longer than what a table shows of it' },
    {
      entries: [{ path: 'hello', type: 'file', content: Buffer.alloc(1_234_567, 7) }],
      createdBy: 'COPY hello / # buildkit',
    },
    { empty: true, createdBy: 'CMD ["sh"]', comment: 'buildkit.dockerfile.v0' },
  ],
  config: {
    User: 'nobody',
    Env: ['PATH=/usr/bin:/bin', 'GREETING=日本語 <&> "x"', 'EMPTY='],
    Cmd: ['sh', '-c', 'echo "hi" && exit'],
    Entrypoint: ['/init'],
    WorkingDir: '/srv',
    ExposedPorts: { '8080/tcp': {}, '53/udp': {}, '443/tcp': {} },
    Volumes: { '/data': {}, '/cache': {} },
    Healthcheck: { Test: ['CMD', 'true'], Interval: 90_500_000_000, Timeout: 3_000_000_000, Retries: 3 },
    Labels: { maintainer: 'Ada', 'org.example.html': '<b>&amp;</b>', empty: '', 数: '一' },
    OnBuild: ['RUN true'],
    StopSignal: 'SIGTERM',
    Shell: ['/bin/sh', '-ec'],
  },
});
const PLAIN = buildImage({
  created: '2022-01-01T00:00:00Z',
  layers: [{ entries: [{ path: 'a', type: 'file', content: Buffer.from('a') }] }],
  withoutHistory: true,
});
const ARM = buildImage({
  created: '2021-01-01T00:00:00Z',
  platform: { os: 'linux', architecture: 'arm', variant: 'v7' },
  layers: [
    { entries: [{ path: 'b', type: 'file', content: Buffer.from('b') }], createdBy: 'one\ntwo\tthree' },
  ],
  config: { Labels: {} },
});

beforeAll(async () => {
  [registry, folder, dockerd] = await Promise.all([startRegistry(), tempFolder(), startDockerd()]);
  const root = `${folder.path}/store`;
  oracle = new Oracle(dockerd, root, { '%/': `${registry.host}/` });
  await pushImage(registry.url, 'rich', '1.0', RICH);
  await pushImage(registry.url, 'rich', 'latest', RICH);
  await pushImage(registry.url, 'plain', 'latest', PLAIN);
  await pushImage(registry.url, 'arm', 'v7', ARM);
  for (const name of ['rich:1.0', 'rich:latest', 'plain', 'arm:v7']) {
    const words = [
      'pull',
      '-q',
      '--platform',
      name === 'arm:v7' ? 'linux/arm/v7' : 'linux/amd64',
      `${registry.host}/${name}`,
    ];
    await dockerd.docker(...words);
    await strata(words, { root });
  }
});
afterAll(async () => {
  await Promise.all([dockerd.close(), registry.close()]);
  await folder.remove();
});

describe('images --format', () => {
  it('has images to show', async () => {
    const { docker, own } = await oracle.both(['images', '--format', '{{.Repository}}:{{.Tag}}']);
    expect(docker.stdout.split('\n')).toHaveLength(5);
    expect(own.stdout).toBe(docker.stdout);
  });

  it.each([
    '{{.ID}}',
    '{{.Repository}}:{{.Tag}}',
    '{{.ID}} {{.Digest}} {{.Size}} {{.VirtualSize}} {{.SharedSize}} {{.UniqueSize}} {{.Containers}}',
    '{{.CreatedSince}} | {{.CreatedAt}}',
    '{{json .}}',
    '{{json .Tag}} {{json .Digest}}',
    'table',
    'raw',
    'json',
    'pretty',
    ' ',
    'table ',
    '  {{.Tag}}  ',
    'tableau {{.Tag}}',
    'table {{.ID}}\\t{{.Repository}}',
    'table {{.Repository}}\\t{{.Tag}}\\t{{.CreatedAt}}\\t{{.VirtualSize}}\\t{{.Digest}}',
    'table {{.ID}}\\n{{.Tag}}\\t{{.Size}}',
    'table {{.Tag}}',
    'table {{.Tag}}\\t',
    'table\\t{{.Tag}}\\t{{.ID}}',
    'table {{upper .Tag}}\\t{{lower .Tag}}\\t{{title .Tag}}\\t{{pad .Tag 2 3}}|\\t{{truncate .ID 4}}\\t{{json .Size}}',
    'table {{split .Tag "."}}\\t{{.ID}}',
    'table {{join (split .Tag ".") "-"}}\\t{{.ID}}',
    'table {{len .Tag}}\\t{{.ID}}',
    'table {{.Tag}}{{if eq .Tag "latest"}} newest{{end}}\\t{{.ID}}',
    'table {{if eq .Tag "TAG"}}{{len 3}}{{end}}\\t{{.ID}}',
    'table {{printf "%-12s|%5s" .Tag .Size}}',
    'table {{.Nope}}',
    '{{.Tag}}\\t{{.ID}}\\n',
    '{{"a\\tb"}}{{.Tag}}',
    '{{range split .Repository "/"}}[{{.}}]{{end}}',
    '{{with .Tag}}{{.}}{{$.ID}}{{end}}',
    '{{$t := .Tag}}{{if or (eq $t "latest") (eq $t "v7")}}{{$t | upper | printf "%q"}}{{else}}-{{end}}',
    '{{- .Tag -}} {{- .ID -}}',
    '{{/* nothing */}}{{.Tag}}',
    '{{println .Tag .ID}}',
    '{{print .Tag 1 2 .ID}} {{printf "%x" .Tag}} {{printf "%d" .Tag}} {{printf "%T" .}}',
    '{{index .Tag 0}} {{slice .ID 0 3}} {{len .ID}}',
    '{{html .Digest}} {{js .Digest}} {{urlquery .Repository}}',
    '{{define "x"}}<{{.}}>{{end}}{{template "x" .Tag}}{{block "y" .ID}}{{.}}{{end}}',
    '{{eq .Tag "latest" "1.0"}} {{ne .Tag "latest"}} {{lt .Tag "m"}} {{not .Tag}} {{and .Tag .ID}}',
    '{{.HeaderContext}} {{.Header}} {{.FullHeader}}',
    '日本 {{.Tag}} é {{printf "%5s|" "日本"}}',
    // What goes wrong.
    '{{',
    '{{.ID',
    '{{.ID}',
    '{{foo .ID}}',
    '{{.Foo}}',
    '{{.Tag.Foo}}',
    '{{.ID "x"}}',
    '{{.trunc}}',
    '{{.Label "x"}}',
    '{{len 3}}',
    '{{index .Tag 9}}',
    '{{if .ID}}',
    '{{end}}',
    '{{range .ID}}{{end}}',
    '{{template "x"}}',
    '{{lt .Tag 1}}',
    '{{upper 1}}',
    '{{$x}}',
    '{{"a}}',
    'table {{.Foo}}',
    '{{if eq .Tag "v7"}}{{.Foo}}{{end}}{{.ID}}',
    '日本\n {{.Foo}}',
  ])('%s', async (format) => await oracle.same(['images', '--format', format]));

  it.each([
    ['-q', 'table'],
    ['-q', 'raw'],
    ['-q', '{{.Tag}}'],
    ['--digests', 'table'],
    ['--digests', 'raw'],
    ['--digests', 'table {{.ID}}'],
    ['--digests', 'table {{.Digest}}\\t{{.ID}}'],
    ['--digests', '{{.Digest}}'],
    ['--no-trunc', '{{json .}}'],
    ['--no-trunc', 'table {{.ID}}\\t{{.Tag}}'],
  ])('%s %s', async (option, format) => await oracle.same(['images', option, '--format', format]));

  it.each(['{{.Foo}}', 'table {{.Foo}}\\t{{.ID}}', '{{'])(
    'of no image: %s',
    async (format) => await oracle.same(['images', '--format', format, 'nosuch']),
  );
});

describe('history --format', () => {
  it.each([
    'table',
    'raw',
    '{{json .}}',
    '{{.ID}} {{.Size}} {{.CreatedAt}} {{.CreatedSince}}',
    '{{.CreatedBy}}|{{.Comment}}',
    'table {{.ID}}\\t{{.CreatedBy}}\\t{{.Comment}}',
    'table {{.Size}}\\t{{truncate .CreatedBy 12}}\\t{{.CreatedAt}}',
    '{{len .CreatedBy}} {{upper .CreatedBy}}',
    '{{if .Comment}}{{html .Comment}}{{else}}none{{end}}',
    '{{printf "%q" .CreatedBy}} {{printf "%+q" .CreatedBy}}',
    '{{.Foo}}',
    '{{.human}}',
    '{{.Size.Foo}}',
  ])('%s', async (format) => {
    await oracle.same(['history', '--format', format, '%/rich:1.0']);
    await oracle.same(['history', '--no-trunc', '-H=false', '--format', format, '%/rich:1.0']);
  });

  it.each(['table {{.CreatedBy}}\\t{{.ID}}', '{{json .}}'])(
    'of lines in a command: %s',
    async (format) => await oracle.same(['history', '--no-trunc', '--format', format, '%/arm:v7']),
  );
});

describe('inspect -f', () => {
  it.each([
    '{{.Id}}',
    '{{.ID}}',
    '{{.RepoTags}} {{.RepoDigests}}',
    '{{len .RepoTags}} {{index .RepoTags 0}} {{join .RepoTags ", "}}',
    '{{range .RepoTags}}{{.}}{{println}}{{end}}',
    '{{range $i, $t := .RepoTags}}{{if $i}}, {{end}}{{$t}}{{end}}',
    '{{.Size}} {{.VirtualSize}} {{printf "%d %T %x" .Size .Size .Size}}',
    '{{.Os}}/{{.Architecture}}{{with .Variant}}/{{.}}{{end}}',
    '{{.Created}} {{.Author}} {{.Comment}} {{.DockerVersion}} {{.Parent}}|{{.Container}}|{{.OsVersion}}|{{.Variant}}',
    '{{.ContainerConfig}}',
    '{{.RootFS}} {{.RootFS.Type}} {{len .RootFS.Layers}} {{json .RootFS}}',
    '{{.Metadata}} {{.Metadata.LastTagTime}} {{json .Metadata}} {{.Metadata.LastTagTime.IsZero}}',
    '{{.Metadata.LastTagTime.Format "Mon Jan _2 15:04:05 2006"}} {{.Metadata.LastTagTime.Unix}}',
    '{{.Config.Env}} {{json .Config.Env}} {{range .Config.Env}}<{{.}}>{{end}}',
    '{{.Config.Cmd}} {{.Config.Entrypoint}} {{json .Config.Cmd}} {{join .Config.Cmd " "}} {{.Config.Shell}}',
    '{{.Config.Labels}} {{json .Config.Labels}} {{index .Config.Labels "maintainer"}} {{.Config.Labels.maintainer}}',
    '{{range $k, $v := .Config.Labels}}{{$k}}={{$v}};{{end}} {{.Config.Labels.nope}} {{index .Config.Labels "nope"}}|',
    '{{.Config.ExposedPorts}} {{json .Config.ExposedPorts}} {{range $p, $_ := .Config.ExposedPorts}}{{$p.Port}}/{{$p.Proto}} {{end}}',
    '{{.Config.Volumes}} {{json .Config.Volumes}} {{index .Config.Volumes "/data"}}',
    '{{.Config.Healthcheck}} {{json .Config.Healthcheck}} {{with .Config.Healthcheck}}{{.Interval}} {{.Timeout}} {{.StartPeriod}} {{.Retries}}{{end}}',
    '{{.Config.User}} {{.Config.WorkingDir}} {{.Config.StopSignal}} {{.Config.OnBuild}} {{.Config.StopTimeout}} {{.Config.Tty}}',
    '{{json .Config}}',
    '{{json .ContainerConfig}} {{json .RepoTags}} {{json .Size}} {{json .Author}}',
    '{{printf "%T %T %T %T %T" . .Config .RootFS .Config.Cmd .Config.ExposedPorts}}',
    '{{printf "%#v" .RootFS}} {{printf "%#v" .Config.Labels}} {{printf "%+v" .Metadata}} {{printf "%#v" .Config.Shell}}',
    '{{printf "%q" .RepoTags}} {{printf "%v|%10s|%-10s|" .Os .Os .Os}} {{printf "%x" .Os}} {{printf "%s" .Size}}',
    '{{slice .Id 7 19}} {{upper .Os}} {{title .Author}} {{split .Created "T"}} {{truncate .Created 10}} {{pad .Os 1 1}}|',
    '{{eq .Os "linux"}} {{gt .Size 1000}} {{lt .Size 1000}} {{eq .Config.Labels nil}} {{not .Config.Tty}}',
    '{{.Id}} {{.Config.Labels}} {{.Size}} {{printf "%T" .Size}} {{json .Size}}',
    '{{.Id}} {{.Config}}',
    '{{.Id}} {{range $k, $v := .Config}}{{$k}}:{{$v}} {{end}}',
    '{{html .Author}} {{js .Author}} {{urlquery .Author}}',
    '\\n{{.Os}}\\t',
    'json',
    '{{$size := .Size}}{{if lt $size 5000}}small{{else if lt $size 5000000}}medium{{else}}large{{end}}',
    // What goes wrong.
    '{{.Foo}}',
    '{{.Config.Foo}}',
    '{{.Id}} {{.Config.Foo}}',
    '{{.Id.Foo}}',
    '{{.Size.Foo}}',
    '{{.Id}}|{{.OsVersion}}',
    '{{index .RepoTags 9}}',
    '{{index .Config.Labels 1}}',
    '{{join .Os ","}}',
    '{{range .Size}}{{end}}',
    '{{len .Size}}',
    '{{lower .Size}}',
    '{{.Config.Cmd.Foo}}',
    '{{call .Os}}',
    '{{',
    '{{.Id',
    '{{foo}}',
    '{{.Id}}{{end}}',
    "{{'ab'}}",
  ])('%s', async (format) => {
    await oracle.same(['inspect', '-f', format, '%/rich:1.0']);
    await oracle.same(['image', 'inspect', '--format', format, '%/plain', '%/arm:v7']);
  });

  it.each([
    '{{.Os}}',
    '{{.Foo}}',
    '{{.Id}} {{.Variant}}',
    '{{if eq .Architecture "arm"}}{{.Id}}{{end}}{{.Config.Labels.nope}}',
  ])('of several, one missing: %s', async (format) => {
    await oracle.same(['inspect', '-f', format, '%/plain', 'nosuch', '%/arm:v7', '%/rich:1.0']);
    await oracle.same(['image', 'inspect', '-f', format, 'nosuch']);
  });
});
