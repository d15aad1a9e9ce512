import { buildImage } from '../images.ts';
import type { BuiltImage, EmptyLayerSpec, LayerSpec } from '../images.ts';
import { aged, baseLayer, DEMO_AUTHOR } from './base.ts';
import { printingProgram } from './program.ts';

/** Two versions of a web site on a shared base. 1.1 changes a page, adds one, and deletes the draft that 1.0 shipped. */
export function buildWeb(version: '1.0' | '1.1'): BuiltImage {
  return buildImage({
    author: DEMO_AUTHOR,
    created: version === '1.0' ? '2024-04-02T10:00:00Z' : '2024-05-06T11:30:00Z',
    layers: [
      baseLayer,
      ...settings(version),
      serverLayer,
      siteLayer,
      ...(version === '1.0' ? [] : [changesLayer]),
      ...ending,
    ],
    config: {
      User: 'www-data',
      ExposedPorts: { '8080/tcp': {}, '8443/tcp': {} },
      Env: ['PATH=/usr/local/bin:/usr/bin:/bin', `SITE_VERSION=${version}`, 'SITE_ROOT=/srv/site'],
      Entrypoint: ['/usr/bin/webserver'],
      Cmd: ['--config', '/etc/webserver/webserver.conf'],
      Volumes: { '/var/log/webserver': {} },
      WorkingDir: '/srv/site',
      Labels: {
        'org.opencontainers.image.title': 'Strata demo site',
        'org.opencontainers.image.description': 'A small web site, to have something to look at',
        'org.opencontainers.image.version': version,
        'org.opencontainers.image.licenses': 'MIT',
        'com.example.team': 'demo',
      },
      StopSignal: 'SIGQUIT',
      Healthcheck: { Test: ['CMD', '/usr/bin/webserver', '--check'], Interval: 30_000_000_000, Retries: 3 },
    },
  });
}

const comment = 'buildkit.dockerfile.v0';
const step = (createdBy: string): EmptyLayerSpec => ({ empty: true, createdBy, comment });

const settings = (version: string): EmptyLayerSpec[] => [
  step(`ENV SITE_VERSION=${version}`),
  step('ENV SITE_ROOT=/srv/site'),
];

const serverLayer: LayerSpec = {
  createdBy:
    'RUN /bin/sh -c set -eux; install -D /build/webserver /usr/bin/webserver; ' +
    'mkdir -p /etc/webserver/conf.d /var/log/webserver; ' +
    'ln -sf /dev/stdout /var/log/webserver/access.log; ln -sf /dev/stderr /var/log/webserver/error.log # buildkit',
  comment,
  entries: aged([
    { path: 'etc/webserver/' },
    { path: 'etc/webserver/conf.d/' },
    {
      path: 'etc/webserver/conf.d/gzip.conf',
      content: 'gzip on;\ngzip_types text/css text/html image/svg+xml;\n',
    },
    {
      path: 'etc/webserver/mime.types',
      content: 'text/html  html htm\ntext/css   css\nimage/svg+xml  svg\ntext/plain txt\n',
    },
    {
      path: 'etc/webserver/webserver.conf',
      content: 'listen 8080;\nroot /srv/site;\ninclude mime.types;\ninclude conf.d/*.conf;\n',
    },
    {
      path: 'usr/bin/webserver',
      content: printingProgram('amd64', 'This would serve /srv/site, if the demo had a web server.\n'),
      mode: 0o755,
    },
    { path: 'usr/bin/httpd', type: 'hardlink', link: 'usr/bin/webserver', mode: 0o755 },
    { path: 'usr/share/doc/webserver/' },
    { path: 'usr/share/doc/webserver/manual.txt', content: manualText() },
    { path: 'var/log/webserver/', uid: 33, gid: 33 },
    { path: 'var/log/webserver/access.log', type: 'symlink', link: '/dev/stdout' },
    { path: 'var/log/webserver/error.log', type: 'symlink', link: '/dev/stderr' },
  ]),
};

const siteLayer: LayerSpec = {
  createdBy: 'COPY --chown=33:33 site/ /srv/site/ # buildkit',
  comment,
  entries: owned([
    { path: 'srv/site/' },
    { path: 'srv/site/draft.html', content: page('Draft', 'Not to be seen by anyone yet.') },
    { path: 'srv/site/index.html', content: page('Welcome', 'This is the first version.') },
    { path: 'srv/site/logo.svg', content: logo() },
    {
      path: 'srv/site/style.css',
      content: 'body { font-family: sans-serif; margin: 4rem auto; max-width: 40rem }\n',
    },
    { path: 'srv/site/old/' },
    { path: 'srv/site/old/1999.html', content: page('1999', 'Best viewed in 800 by 600.') },
  ]),
};

const changesLayer: LayerSpec = {
  createdBy:
    'RUN /bin/sh -c cp -r /build/site-1.1/. /srv/site/ && rm -r /srv/site/draft.html /srv/site/old # buildkit',
  comment,
  entries: owned([
    { path: 'srv/site/' },
    { path: 'srv/site/.wh.draft.html', mode: 0 },
    { path: 'srv/site/.wh.old', mode: 0 },
    {
      path: 'srv/site/index.html',
      content: page('Welcome back', 'This is the second version, with <a href="news.html">news</a>.'),
    },
    {
      path: 'srv/site/news.html',
      content: page('News', 'The draft is gone: look for its whiteout in the last layer.'),
    },
  ]),
};

const ending: EmptyLayerSpec[] = [
  step('USER www-data'),
  step('WORKDIR /srv/site'),
  step('VOLUME [/var/log/webserver]'),
  step('EXPOSE map[8080/tcp:{} 8443/tcp:{}]'),
  step('HEALTHCHECK &{["CMD" "/usr/bin/webserver" "--check"] "30s" "0s" "0s" "0s" \'\\x03\'}'),
  step('STOPSIGNAL SIGQUIT'),
  step('ENTRYPOINT ["/usr/bin/webserver"]'),
  step('CMD ["--config" "/etc/webserver/webserver.conf"]'),
];

function owned(entries: Parameters<typeof aged>[0]): ReturnType<typeof aged> {
  return aged(entries).map((entry) => ({ uid: 33, gid: 33, ...entry }));
}

function page(title: string, text: string): string {
  return (
    `<!doctype html>\n<html lang="en">\n<head>\n  <meta charset="utf-8">\n  <title>${title}</title>\n` +
    `  <link rel="stylesheet" href="style.css">\n</head>\n<body>\n  <img src="logo.svg" alt="" width="64">\n` +
    `  <h1>${title}</h1>\n  <p>${text}</p>\n</body>\n</html>\n`
  );
}

function logo(): string {
  const bars = ['#3b6ea5', '#5a8fc4', '#8db8e2'].map(
    (colour, i) => `<rect x="8" y="${12 + i * 16}" width="48" height="10" rx="3" fill="${colour}"/>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">${bars.join('')}</svg>\n`;
}

function manualText(): string {
  const options = ['listen', 'root', 'include', 'gzip', 'gzip_types', 'access_log', 'error_log', 'user'];
  return options
    .flatMap((option) => Array.from({ length: 40 }, (_, i) => `${option}: what it does in case ${i + 1}.\n`))
    .join('');
}
