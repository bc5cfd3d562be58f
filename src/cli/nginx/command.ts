/** `nginx FILE`: the part of an nginx configuration that fits the server's own. */
import { posix } from 'node:path';
import type { Config } from '../../config/config.js';
import type { Host } from '../../config/host.js';
import type { Environment } from '../../config/option-row.js';
import { resolveConfig } from '../../config/resolve.js';
import { ConfigError } from '../../errors.js';
import { block, directive, render, type Directive } from './directive.js';
import { limits } from './limits.js';
import { APPLICATION, staticLocations, type StaticLocations } from './static-locations.js';
import { chooseUpstream, upstreamBlock, type Upstream } from './upstream.js';

export interface NginxInput {
  /** What follows the word `nginx`: a file, and options that would go with it. */
  readonly argv: readonly string[];
  readonly env: Environment;
  readonly host: Host;
}

/** Throws a ConfigError where the configuration cannot be used, or nginx could reach none of its sockets. */
export function nginxConfiguration(input: NginxInput): string {
  const { config } = resolveConfig(input);
  const { directory } = input.host.facts();
  const upstream = chooseUpstream(config, directory);
  if (upstream.servers.length === 0) throw new ConfigError(nothingToReach(upstream));
  const file = configurationFile(input.argv);
  const name = upstreamName(file, directory);
  const files = staticLocations(config, directory, input.host);
  const head = [
    `# nginx in front of ${file?.name ?? 'the server'}: printed by tsuwsgi-native nginx, belongs into the http block`,
    ...[...upstream.remarks, ...files.remarks].map((remark) => `# ${remark}`),
  ];
  const directives = [
    upstreamBlock(name, upstream, config),
    serverBlock(name, upstream, config, files),
  ];
  return [...head.map(oneLine), ...render(directives), ''].join('\n');
}

function oneLine(text: string): string {
  return text.replace(/[\0-\x1f\x7f]/g, ' ');
}

function nothingToReach({ remarks }: Upstream): string[] {
  if (remarks.length === 0)
    return [
      'nginx: no option names a socket that it could reach; add socket = /run/app.sock, for example',
    ];
  return remarks.map((remark) => `nginx: ${remark}`);
}

interface ConfigurationFile {
  readonly name: string;
  readonly path: string;
  readonly section: string;
}

function configurationFile(argv: readonly string[]): ConfigurationFile | undefined {
  const word = argv.find((text) => /\.(ini|ya?ml|js(on)?)(:|$)/.test(text));
  if (word === undefined) return undefined;
  const [, path = '', section = ''] = /^(?:--?\w+=)?(.*?)(?::([^/]*))?$/s.exec(word) ?? [];
  return { name: posix.basename(path), path, section };
}

const WITHOUT_NAME = 'application';

/** Unique among the sites of one nginx: the file's name is not, since most are called uwsgi.ini. */
function upstreamName(file: ConfigurationFile | undefined, directory: string): string {
  if (file === undefined) return WITHOUT_NAME;
  const path = posix.resolve(directory, file.path).replace(/\.\w+$/, '');
  const name = `${path}-${file.section}`.replace(/[^\w-]+/g, '-').replace(/^-+|-+$/g, '');
  return name === '' ? WITHOUT_NAME : name;
}

function serverBlock(
  name: string,
  upstream: Upstream,
  config: Config,
  { root, locations }: StaticLocations,
): Directive {
  const pass = passTo(name, upstream);
  const falling = root.length > 0 || locations.length > 0;
  return block(
    'server',
    [],
    [
      directive('listen', ['80']),
      directive('server_name', ['example.com'], 'your host names'),
      ...limits(config, upstream),
      ...forwarding(upstream),
      ...locations,
      block('location', ['/'], root.length > 0 ? root : [pass]),
      ...(falling ? [block('location', [APPLICATION], [pass])] : []),
    ],
  );
}

function passTo(name: string, { kind }: Upstream): Directive {
  return kind === 'uwsgi'
    ? directive('uwsgi_pass', [name])
    : directive('proxy_pass', [`http://${name}`]);
}

/** What the application learns about the client, and what a kept connection needs. */
function forwarding({ kind }: Upstream): Directive[] {
  if (kind === 'uwsgi') return [directive('include', ['uwsgi_params'])];
  return [
    directive(
      'proxy_http_version',
      ['1.1'],
      'with the empty Connection header: connections are kept',
    ),
    directive('proxy_set_header', ['Connection', '']),
    directive('proxy_set_header', ['Host', '$host']),
    directive('proxy_set_header', ['X-Forwarded-For', '$proxy_add_x_forwarded_for']),
    directive('proxy_set_header', ['X-Forwarded-Proto', '$scheme']),
  ];
}
