/** Everything between the core and the application that the options ask for, as one application. */
import type { Application, Header } from '../app/types.js';
import type { Config } from '../config/config.js';
import { parseHeaderLine } from '../config/header-line.js';
import { accepted } from '../config/parsed.js';
import type { Logger } from '../log/logger.js';
import { importBefore, loadApp, loadNamedApp } from './loading/app-loader.js';
import { MountTable, normalMount } from './mounts.js';
import { serveStatic } from './static/static-files.js';

/** `served` is called for every request that a file answers. Rejects with AppLoadError. */
export async function assembleApplication(
  config: Config,
  logger: Logger,
  served: () => void,
): Promise<Application> {
  await importBefore(config.import, config);
  const mounted = await loadMounted(config, logger);
  const withFiles = serveStatic(config, mounted, logger, served);
  return withHeaders(withFiles, accepted(config.addHeader, parseHeaderLine));
}

async function loadMounted(config: Config, logger: Logger): Promise<Application> {
  const named = config.wsgiFile !== undefined || config.module !== undefined;
  const table = new MountTable(config.manageScriptName);
  let id = 0;
  const load = async (mountpoint: string, name: string | undefined): Promise<void> => {
    const began = performance.now();
    const { application, file } = await (name === undefined
      ? loadApp(config)
      : loadNamedApp(name, config));
    const seconds = ((performance.now() - began) / 1000).toFixed(2);
    const usual = table.empty;
    table.add(mountpoint, application);
    logger.fact(
      `WSGI app ${id} (mountpoint='${mountpoint}') ready in ${seconds} seconds from ${file} pid: ${process.pid}${usual ? ' (default app)' : ''}`,
      { file, mountpoint, seconds: Number(seconds) },
    );
    id += 1;
  };
  if (named || config.mount.length === 0) await load('', undefined);
  for (const { name, value } of config.mount) await load(normalMount(name), value);
  return table.application();
}

function withHeaders(application: Application, added: readonly Header[]): Application {
  if (added.length === 0) return application;
  return (environ, startResponse) =>
    application(environ, (status, headers, error) =>
      startResponse(status, withMore(headers, added), error),
    );
}

/** Headers that are no list are for the gateway to complain about. */
function withMore(headers: readonly Header[], added: readonly Header[]): readonly Header[] {
  return Array.isArray(headers) ? headers.concat(added) : headers;
}
