/** What is to be had under which path of the statistics' address. */
import { liveness, readiness, startup, type Health } from './health.js';
import { METRICS_TYPE } from './metrics-text.js';
import type { ServerState } from './stats-facts.js';
import { plain, type StatsRequest, type StatsResponse } from './stats-http.js';
import type { StatsPage } from './stats-page.js';

export interface StatsSource {
  /** uWSGI's document, and what belongs to it. */
  document(): string;
  metrics(): string;
  state(): ServerState;
}

const METHODS = new Set(['GET', 'HEAD']);

export function answerStats(
  { method, path, accept }: StatsRequest,
  source: StatsSource,
  page: StatsPage,
): StatsResponse {
  const answer = answerFor(path, accept, source, page);
  if (answer === undefined) return plain(404, `nothing is at ${path}`);
  if (METHODS.has(method)) return answer();
  return { ...plain(405, `${method} is not possible here`), headers: { Allow: 'GET, HEAD' } };
}

function answerFor(
  path: string,
  accept: string,
  source: StatsSource,
  page: StatsPage,
): (() => StatsResponse) | undefined {
  switch (path) {
    case '/':
      return () => ({
        ...(wantsPage(accept) ? page.document() : json(source)),
        headers: { ...page.headers, Vary: 'Accept' },
      });
    case '/stats':
      return () => json(source);
    case '/metrics':
      return () => ({ status: 200, type: METRICS_TYPE, body: source.metrics() });
    case '/live':
      return () => health(liveness(source.state()));
    case '/ready':
      return () => health(readiness(source.state()));
    case '/startup':
      return () => health(startup(source.state()));
    default:
      return page.part(path);
  }
}

function json(source: StatsSource): StatsResponse {
  return { status: 200, type: 'application/json', body: source.document() };
}

function health({ ok, reason }: Health): StatsResponse {
  return plain(ok ? 200 : 503, reason);
}

/** Browsers ask for HTML by name; tools ask for JSON, for anything, or for nothing. */
function wantsPage(accept: string): boolean {
  return /\btext\/html\b/i.test(accept);
}
