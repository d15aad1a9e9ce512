import { describe, expect, it } from 'vitest';
import type { ImageInspect } from '../../images/index.ts';
import { FormatError } from './format.ts';
import { inspectTemplate } from './formatInspect.ts';

const IMAGE: ImageInspect = {
  Id: 'sha256:eb1dfb201e58',
  RepoTags: ['demo/app:1.0', 'demo/app:latest'],
  RepoDigests: [],
  Parent: '',
  Comment: 'a <b> & c',
  Created: '2026-11-22T19:26:17.016567386Z',
  Container: '',
  ContainerConfig: { Hostname: '', Env: null, Cmd: null },
  DockerVersion: '',
  Author: '',
  Config: {
    Env: ['PATH=/bin', 'A=b'],
    Cmd: ['sh', '-c', 'echo hi'],
    ExposedPorts: { '80/tcp': {}, '53/udp': {} },
    Healthcheck: { Test: ['CMD', 'true'], Interval: 90_500_000_000 },
    Labels: { x: '1' },
    Entrypoint: 'not a list, as a hostile image may have it',
  },
  Architecture: 'amd64',
  Os: 'linux',
  Size: 1_982_263,
  VirtualSize: 1_982_263,
  GraphDriver: { Data: null, Name: 'strata' },
  RootFS: { Type: 'layers', Layers: ['sha256:d508'] },
  Metadata: { LastTagTime: '2026-11-22T21:26:17.08615+02:00' },
};

const CONFIG_JSON =
  '{"Hostname":"","Domainname":"","User":"","AttachStdin":false,"AttachStdout":false,"AttachStderr":false,' +
  '"ExposedPorts":{"53/udp":{},"80/tcp":{}},"Tty":false,"OpenStdin":false,"StdinOnce":false,' +
  '"Env":["PATH=/bin","A=b"],"Cmd":["sh","-c","echo hi"],' +
  '"Healthcheck":{"Test":["CMD","true"],"Interval":90500000000},' +
  '"Image":"","Volumes":null,"WorkingDir":"","Entrypoint":null,"OnBuild":null,"Labels":{"x":"1"}}';

describe('inspectTemplate', () => {
  it.each([
    ['{{.ID}}', 'sha256:eb1dfb201e58'],
    // Not a field of the structure: from the raw JSON.
    ['{{.Id}}', 'sha256:eb1dfb201e58'],
    ['{{.Size}} {{printf "%T" .Size}} {{printf "%T" .}}', '1982263 int64 types.ImageInspect'],
    ['{{.Id}} {{printf "%T" .Size}}', 'sha256:eb1dfb201e58 json.Number'],
    ['{{json .Config}}', CONFIG_JSON],
    ['{{.RootFS}} {{.GraphDriver}}', '{layers [sha256:d508] } {map[] strata}'],
    ['{{.Config.ExposedPorts}} {{.Config.Cmd}}', 'map[53/udp:{} 80/tcp:{}] [sh -c echo hi]'],
    [
      '{{range $p, $_ := .Config.ExposedPorts}}{{$p.Port}} {{$p.Proto}} {{$p.Int}};{{end}}',
      '53 udp 53;80 tcp 80;',
    ],
    ['{{join .Config.Cmd " "}}', 'sh -c echo hi'],
    ['{{.Config.Healthcheck}}', '{[CMD true] 1m30.5s 0s 0s 0}'],
    ['{{.Config.Healthcheck.Interval.Seconds}}', '90.5'],
    ['{{.Metadata.LastTagTime}}', '2026-11-22 21:26:17.08615 +0200 +0200'],
    ['{{.Metadata.LastTagTime.UTC}}', '2026-11-22 19:26:17.08615 +0000 UTC'],
    ['{{json .Metadata}}', '{"LastTagTime":"2026-11-22T21:26:17.08615+02:00"}'],
    [
      '{{.Metadata.LastTagTime.Format "Mon Jan _2 15:04:05.000 MST 2006 Monday January 03:04PM -07:00 Z0700 002 06 1/2 pm"}}',
      'Sun Nov 22 21:26:17.086 +0200 2026 Sunday November 09:26PM +02:00 +0200 326 26 11/22 pm',
    ],
    ['{{.Metadata.LastTagTime.Unix}} {{.Metadata.LastTagTime.Month}}', '1795375577 November'],
    ['{{index .Config.Labels "x"}}{{.Config.Labels.nope}}', '1<no value>'],
    ['{{.Variant}}|{{.Config.StopTimeout}}', '|<nil>'],
    ['\\n{{.Os}}\\t', '\\nlinux\\t'],
    ['json', 'json'],
  ])('%s', (text, expected) => {
    expect(inspectTemplate(text).print(IMAGE)).toBe(`${expected}\n`);
  });

  const failure = (work: () => unknown): readonly [string, number] | undefined => {
    try {
      work();
      return undefined;
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      return [error.message, error.exitCode];
    }
  };

  it.each([
    ['{{.Foo}}', 'template: :1:2: executing "" at <.Foo>: map has no entry for key "Foo"'],
    [
      '{{.Id}}|{{.Variant}}',
      'template: :1:10: executing "" at <.Variant>: map has no entry for key "Variant"',
    ],
    [
      '{{.Size.Foo}}',
      `template: :1:7: executing "" at <.Size.Foo>: can't evaluate field Foo in type interface {}`,
    ],
  ])('fails for an image: %s', (text, message) => {
    const template = inspectTemplate(text);
    expect(failure(() => template.print(IMAGE))).toEqual([`template parsing error: ${message}`, 1]);
  });

  it('ends with 64 where the template is none', () => {
    expect(failure(() => inspectTemplate('{{'))).toEqual([
      'template parsing error: template: :1: unclosed action',
      64,
    ]);
  });

  it('looks for lacking keys more strictly once it had to look at raw JSON, as docker does', () => {
    const template = inspectTemplate('{{if eq .Architecture "arm"}}{{.Id}}{{end}}{{.Config.Labels.nope}}');
    expect(template.print(IMAGE)).toBe('<no value>\n');
    expect(failure(() => template.print({ ...IMAGE, Architecture: 'arm' }))).toBeDefined();
    expect(failure(() => template.print(IMAGE))).toBeDefined();
  });
});
