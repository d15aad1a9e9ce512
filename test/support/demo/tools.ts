import { buildAttestation, buildImage, buildIndex } from '../images.ts';
import type { BuiltImage, BuiltIndex } from '../images.ts';
import type { Platform } from '../../../src/oci/documents.ts';
import { aged, baseLayer, DEMO_AUTHOR } from './base.ts';
import { printingProgram } from './program.ts';
import type { Architecture } from './program.ts';

/** One name for three platforms, with BuildKit's attestation beside the first. The tools' layer is zstd. */
export function buildTools(): BuiltIndex {
  const amd64 = buildFor('amd64', { os: 'linux', architecture: 'amd64' });
  return buildIndex([
    amd64,
    buildFor('arm64', { os: 'linux', architecture: 'arm64', variant: 'v8' }),
    buildFor('arm', { os: 'linux', architecture: 'arm', variant: 'v7' }),
    buildAttestation(amd64),
  ]);
}

/** CAP_NET_RAW, permitted and effective, in the kernel's on-disk form (version 2). */
const NET_RAW = Buffer.from('0100000200200000000000000000000000000000', 'hex');
const TOOLS = ['arch', 'date', 'env', 'hostname', 'ping', 'uptime', 'whoami'];

function buildFor(architecture: Architecture, platform: Platform): BuiltImage {
  const variant = platform.variant === undefined ? '' : `/${platform.variant}`;
  const name = `${platform.os}/${platform.architecture}${variant}`;
  return buildImage({
    platform,
    author: DEMO_AUTHOR,
    created: '2024-05-20T14:00:00Z',
    layers: [
      baseLayer,
      { empty: true, createdBy: `ARG TARGETPLATFORM=${name}`, comment: 'buildkit.dockerfile.v0' },
      {
        compression: 'zstd',
        createdBy: `COPY --from=build /out/${platform.architecture}/ /usr/bin/ # buildkit`,
        comment: 'buildkit.dockerfile.v0',
        entries: aged([
          { path: 'usr/bin/' },
          ...TOOLS.map((tool) => ({
            path: `usr/bin/${tool}`,
            content: printingProgram(architecture, `${tool} for ${name}\n`),
            mode: 0o755,
            ...(tool === 'ping' && { xattrs: { 'security.capability': NET_RAW } }),
          })),
          { path: 'usr/share/doc/tools/' },
          { path: 'usr/share/doc/tools/list.txt', content: `${TOOLS.join('\n')}\n` },
        ]),
      },
      { empty: true, createdBy: 'CMD ["/usr/bin/arch"]', comment: 'buildkit.dockerfile.v0' },
    ],
    config: {
      Env: ['PATH=/usr/local/bin:/usr/bin:/bin'],
      Cmd: ['/usr/bin/arch'],
      Labels: { 'org.opencontainers.image.title': 'Strata demo tools', 'com.example.platform': name },
    },
  });
}
