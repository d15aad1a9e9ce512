import type { HistoryRow, ImageInspect, ImageSummary } from '../../images/types.ts';
import { isRecord } from '../../protocol/envelope.ts';
import type { ConfigView, ImageView, PairView } from '../../protocol/imageView.ts';

/** Go's zero time stands for "not known" in old configurations. */
const ZERO_TIME = '0001-01-01T00:00:00Z';

/** Composes what the panel shows of one image. The configuration is an image author's own text: nothing in it is trusted. */
export function buildImageView(
  summary: ImageSummary,
  history: readonly HistoryRow[],
  inspect: ImageInspect,
): ImageView {
  const { os, architecture, variant } = summary.platform;
  return {
    id: summary.id,
    manifestDigest: summary.manifestDigest,
    names: [...inspect.RepoTags],
    repoDigests: [...inspect.RepoDigests],
    platform: [os, architecture, ...(variant === undefined ? [] : [variant])].join('/'),
    ...knownTime(summary.created),
    size: summary.size,
    compressedSize: summary.compressedSize,
    author: inspect.Author,
    config: buildConfigView(inspect.Config),
    layers: summary.layers.map((layer) => ({
      digest: layer.digest,
      diffId: layer.diffId,
      size: layer.size,
      compressedSize: layer.compressedSize,
      createdBy: layer.createdBy ?? '',
    })),
    history: history.map((row) => ({
      ...(row.id === undefined ? {} : { id: row.id }),
      ...knownTime(row.created),
      createdBy: row.createdBy,
      size: row.size,
      comment: row.comment,
      emptyLayer: row.emptyLayer,
    })),
    inspect: inspectText(inspect),
  };
}

/** The same text that `docker image inspect` prints, so that a copy equals the terminal's. */
export function inspectText(inspect: ImageInspect): string {
  return JSON.stringify([inspect], undefined, 4);
}

function buildConfigView(config: unknown): ConfigView {
  const from = isRecord(config) ? config : {};
  const healthcheck = from['Healthcheck'];
  return {
    entrypoint: texts(from['Entrypoint']),
    cmd: texts(from['Cmd']),
    workingDir: text(from['WorkingDir']),
    user: text(from['User']),
    stopSignal: text(from['StopSignal']),
    shell: texts(from['Shell']),
    healthcheck: isRecord(healthcheck) ? texts(healthcheck['Test']) : [],
    onBuild: texts(from['OnBuild']),
    ports: keys(from['ExposedPorts']),
    volumes: keys(from['Volumes']),
    env: texts(from['Env']).map(splitPair),
    labels: pairs(from['Labels']),
  };
}

function knownTime(created: string | undefined): { created?: string } {
  return created === undefined || created === '' || created === ZERO_TIME ? {} : { created };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function keys(value: unknown): string[] {
  return isRecord(value) ? Object.keys(value) : [];
}

function pairs(value: unknown): PairView[] {
  if (!isRecord(value)) return [];
  return Object.entries(value).map(([name, item]) => ({ name, value: text(item) }));
}

/** `PATH=/bin` splits at its first `=`; a variable without one has no value. */
function splitPair(variable: string): PairView {
  const at = variable.indexOf('=');
  return at < 0
    ? { name: variable, value: '' }
    : { name: variable.slice(0, at), value: variable.slice(at + 1) };
}
