import type { ConfigView, ImageView, PairView } from '../../src/protocol/imageView.ts';
import { copyButton } from '../components/copyButton.ts';
import { createdTexts } from '../components/created.ts';
import { absent, code, factList, plain } from '../components/facts.ts';
import type { Fact, FactValue } from '../components/facts.ts';
import type { PageContext } from '../context.ts';
import { element } from '../dom.ts';
import { fill } from '../format.ts';

/** Configuration on the left, identity and figures beside it. */
export function renderOverview(context: PageContext, image: ImageView): HTMLElement {
  const { strings } = context;
  const { config } = image;
  return element(
    'div',
    { class: 'overview' },
    element(
      'div',
      { class: 'overview-main' },
      section(strings.configuration, factList(context, configurationFacts(context, config))),
      config.env.length === 0
        ? undefined
        : section(
            strings.environment,
            pairTable(context, strings.environment, config.env),
            config.env.length,
          ),
      config.labels.length === 0
        ? undefined
        : section(strings.labels, pairTable(context, strings.labels, config.labels), config.labels.length),
    ),
    element(
      'aside',
      { class: 'overview-side', attributes: { 'aria-label': strings.identity } },
      section(strings.identity, factList(context, identityFacts(context, image))),
    ),
  );
}

function section(title: string, content: HTMLElement, count?: number): HTMLElement {
  return element(
    'section',
    {},
    element(
      'h2',
      {},
      title,
      count === undefined ? undefined : element('span', { class: 'badge' }, String(count)),
    ),
    content,
  );
}

function configurationFacts({ strings }: PageContext, config: ConfigView): Fact[] {
  const execForm = (args: readonly string[]): FactValue[] =>
    args.length === 0 ? [absent(strings.none)] : [code(execText(args))];
  const list = (values: readonly string[]): FactValue[] =>
    values.length === 0 ? [absent(strings.none)] : values.map(code);
  const whenSet = (label: string, values: readonly string[]): Fact[] =>
    values.length === 0 ? [] : [{ label, values: [code(execText(values))] }];
  return [
    { label: strings.entrypoint, values: execForm(config.entrypoint) },
    { label: strings.command, values: execForm(config.cmd) },
    { label: strings.workingDirectory, values: [code(config.workingDir === '' ? '/' : config.workingDir)] },
    { label: strings.user, values: [config.user === '' ? absent(strings.userDefault) : code(config.user)] },
    { label: strings.exposedPorts, values: list(config.ports) },
    { label: strings.volumes, values: list(config.volumes) },
    ...(config.stopSignal === '' ? [] : [{ label: strings.stopSignal, values: [code(config.stopSignal)] }]),
    ...whenSet(strings.shell, config.shell),
    ...whenSet(strings.healthcheck, config.healthcheck),
    ...(config.onBuild.length === 0 ? [] : [{ label: strings.onBuild, values: config.onBuild.map(code) }]),
  ];
}

/** The exec form of a Dockerfile: every argument for itself, nothing guessed about a shell. */
function execText(args: readonly string[]): string {
  return `[${args.map((arg) => JSON.stringify(arg)).join(', ')}]`;
}

function identityFacts(context: PageContext, image: ImageView): Fact[] {
  const { strings, format } = context;
  const created = createdTexts(context, image.created);
  const exact = (bytes: number): string => fill(strings.bytes, format.count(bytes));
  return [
    {
      label: image.names.length > 1 ? strings.names : strings.name,
      values: image.names.length === 0 ? [absent(strings.untagged)] : image.names.map(code),
    },
    { label: strings.imageId, values: [code(image.id)] },
    { label: strings.manifestDigest, values: [code(image.manifestDigest)] },
    ...(image.repoDigests.length === 0
      ? []
      : [{ label: strings.repoDigests, values: image.repoDigests.map(code) }]),
    { label: strings.platform, values: [plain(image.platform)] },
    {
      label: strings.created,
      values:
        created === undefined
          ? [absent(strings.unknown)]
          : [plain(created.absolute), absent(created.relative)],
    },
    {
      label: strings.size,
      values: [plain(format.size(image.size), `${strings.sizeHelp} (${exact(image.size)})`)],
    },
    {
      label: strings.compressedSize,
      values: [
        plain(
          format.size(image.compressedSize),
          `${strings.compressedSizeHelp} (${exact(image.compressedSize)})`,
        ),
      ],
    },
    { label: strings.tabLayers, values: [plain(format.count(image.layers.length))] },
    ...(image.author === '' ? [] : [{ label: strings.author, values: [plain(image.author)] }]),
  ];
}

function pairTable(context: PageContext, label: string, pairs: readonly PairView[]): HTMLElement {
  const body = element('tbody');
  for (const { name, value } of pairs) {
    body.append(
      element(
        'tr',
        {},
        element('th', { attributes: { scope: 'row' } }, element('code', {}, name)),
        element(
          'td',
          {},
          element('div', { class: 'pair-value' }, pairValue(value), copyButton(context, name, value)),
        ),
      ),
    );
  }
  return element('table', { class: 'pairs', attributes: { 'aria-label': label } }, body);
}

/** Addresses can be followed; VS Code asks before it opens one that it does not know. */
function pairValue(value: string): HTMLElement {
  return /^https?:\/\/\S+$/.test(value) && URL.canParse(value)
    ? element('vscode-link', { attributes: { href: value } }, value)
    : element('code', {}, value);
}
