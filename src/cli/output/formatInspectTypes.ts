import {
  BOOL,
  CallError,
  DURATION,
  EMPTY_STRUCT,
  INT,
  INT64,
  mapOf,
  ofInt,
  ofString,
  pointerTo,
  STRING,
  STRINGS,
  TIME,
} from '../../template/index.ts';
import type { Field, ListType, Method, ScalarType, StructType, Type, Value } from '../../template/index.ts';

/** The structure that docker hands to a template of inspect for an image (moby api/types 20.10, ImageInspect). */

const field = (name: string, type: Type): Field => ({ name, type });
const optional = (name: string, type: Type): Field => ({ name, type, omitEmpty: true });

const portOf = (self: Value): readonly [port: string, protocol: string] => {
  const text = self.kind === 'string' ? self.value : '';
  const [port = '', protocol = ''] = text.split('/');
  return [port, protocol === '' && port !== '' ? 'tcp' : protocol];
};
const portMethod = (call: Method['call']): Method => ({ params: [], call });

/** `80/tcp` (docker/go-connections nat). */
const PORT: ScalarType = {
  kind: 'string',
  name: 'nat.Port',
  underlying: STRING.name,
  methods: new Map([
    ['Port', portMethod((self) => ofString(portOf(self)[0]))],
    ['Proto', portMethod((self) => ofString(portOf(self)[1]))],
    ['Int', portMethod((self) => ofInt(portNumber(portOf(self)[0])))],
  ]),
};

function portNumber(text: string): number {
  if (text === '') return 0;
  if (!/^\d+$/.test(text))
    throw new CallError(`strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

const PORT_SET: Type = {
  ...mapOf(EMPTY_STRUCT, PORT),
  name: 'nat.PortSet',
  underlying: 'map[nat.Port]struct {}',
};
const WORDS: ListType = { ...STRINGS, name: 'strslice.StrSlice', underlying: STRINGS.name };

const HEALTH: StructType = {
  kind: 'struct',
  name: 'container.HealthConfig',
  fields: [
    optional('Test', STRINGS),
    optional('Interval', DURATION),
    optional('Timeout', DURATION),
    optional('StartPeriod', DURATION),
    optional('Retries', INT),
  ],
};

const CONFIG: StructType = {
  kind: 'struct',
  name: 'container.Config',
  fields: [
    field('Hostname', STRING),
    field('Domainname', STRING),
    field('User', STRING),
    field('AttachStdin', BOOL),
    field('AttachStdout', BOOL),
    field('AttachStderr', BOOL),
    optional('ExposedPorts', PORT_SET),
    field('Tty', BOOL),
    field('OpenStdin', BOOL),
    field('StdinOnce', BOOL),
    field('Env', STRINGS),
    field('Cmd', WORDS),
    optional('Healthcheck', pointerTo(HEALTH)),
    optional('ArgsEscaped', BOOL),
    field('Image', STRING),
    field('Volumes', mapOf(EMPTY_STRUCT)),
    field('WorkingDir', STRING),
    field('Entrypoint', WORDS),
    optional('NetworkDisabled', BOOL),
    optional('MacAddress', STRING),
    field('OnBuild', STRINGS),
    field('Labels', mapOf(STRING)),
    optional('StopSignal', STRING),
    optional('StopTimeout', pointerTo(INT)),
    optional('Shell', WORDS),
  ],
};

const GRAPH_DRIVER: StructType = {
  kind: 'struct',
  name: 'types.GraphDriverData',
  fields: [field('Data', mapOf(STRING)), field('Name', STRING)],
};

const ROOT_FS: StructType = {
  kind: 'struct',
  name: 'types.RootFS',
  fields: [field('Type', STRING), optional('Layers', STRINGS), optional('BaseLayer', STRING)],
};

export const IMAGE_INSPECT: StructType = {
  kind: 'struct',
  name: 'types.ImageInspect',
  fields: [
    { name: 'ID', type: STRING, json: 'Id' },
    field('RepoTags', STRINGS),
    field('RepoDigests', STRINGS),
    field('Parent', STRING),
    field('Comment', STRING),
    field('Created', STRING),
    field('Container', STRING),
    field('ContainerConfig', pointerTo(CONFIG)),
    field('DockerVersion', STRING),
    field('Author', STRING),
    field('Config', pointerTo(CONFIG)),
    field('Architecture', STRING),
    optional('Variant', STRING),
    field('Os', STRING),
    optional('OsVersion', STRING),
    field('Size', INT64),
    field('VirtualSize', INT64),
    field('GraphDriver', GRAPH_DRIVER),
    field('RootFS', ROOT_FS),
    {
      name: 'Metadata',
      type: { kind: 'struct', name: 'types.ImageMetadata', fields: [field('LastTagTime', TIME)] },
    },
  ],
};
