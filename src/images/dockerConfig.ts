type Json = Readonly<Record<string, unknown>>;

/** moby api/types/container/config.go: each field, in order, with its zero value; undefined marks `omitempty`. */
const FIELDS: readonly (readonly [name: string, zero: unknown])[] = [
  ['Hostname', ''],
  ['Domainname', ''],
  ['User', ''],
  ['AttachStdin', false],
  ['AttachStdout', false],
  ['AttachStderr', false],
  ['ExposedPorts', undefined],
  ['Tty', false],
  ['OpenStdin', false],
  ['StdinOnce', false],
  ['Env', null],
  ['Cmd', null],
  ['Healthcheck', undefined],
  ['ArgsEscaped', undefined],
  ['Image', ''],
  ['Volumes', null],
  ['WorkingDir', ''],
  ['Entrypoint', null],
  ['NetworkDisabled', undefined],
  ['MacAddress', undefined],
  ['OnBuild', null],
  ['Labels', null],
  ['StopSignal', undefined],
  ['StopTimeout', undefined],
  ['Shell', undefined],
];

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEmpty(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    value === '' ||
    value === false ||
    value === 0 ||
    (Array.isArray(value) && value.length === 0) ||
    (isObject(value) && Object.keys(value).length === 0)
  );
}

/** moby api/types/container/config.go, HealthConfig: a structure, whose fields keep their order. */
const HEALTHCHECK_FIELDS = ['Test', 'Interval', 'Timeout', 'StartPeriod', 'Retries'] as const;

/** Go prints maps with their keys sorted. */
function sortedKeys(value: unknown): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function inGoOrder(name: string, value: unknown): unknown {
  if (name !== 'Healthcheck' || !isObject(value)) return sortedKeys(value);
  const fields = HEALTHCHECK_FIELDS.map((key): [string, unknown] => [key, value[key]]);
  return Object.fromEntries(fields.filter(([, field]) => !isEmpty(field)));
}

/** An image's `config` as Docker prints it: its fields in its order, zero values where the image has none. */
export function dockerConfig(config: unknown): unknown {
  const source = isObject(config) ? config : {};
  const fields = FIELDS.flatMap(([name, zero]): [string, unknown][] => {
    const value = source[name];
    if (zero === undefined && isEmpty(value)) return [];
    return [[name, value === undefined || value === null ? zero : inGoOrder(name, value)]];
  });
  return Object.fromEntries(fields);
}
