import type { AppName } from './payloads.js';
import type { Scenario } from './scenarios.js';

/** What a server is started for. */
export interface StartContext {
  readonly scenario: Scenario;
  readonly port: number;
  /** The Node binary under which all Node servers run, this one and its peers. */
  readonly node: string;
  /** Directory of the payload files. */
  readonly payloads: string;
  /** Empty directory of this run, for configuration files and sockets. */
  readonly scratch: string;
}

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** One row of the table of servers. */
export interface Server {
  readonly name: string;
  readonly title: string;
  readonly apps: readonly AppName[];
  /** Scenarios that it has the application for and still cannot run, or where its figure would mislead. */
  readonly without?: readonly string[];
  /** The scenarios that it is there for, where it differs from another server in these alone. Undefined: all. */
  readonly only?: readonly string[];
  /** A server with nginx in front of it: it runs the scenarios of that kind, and no others. */
  readonly behindNginx?: true;
  /** Why it cannot run on this machine, or undefined. */
  missing(node: string): string | undefined;
  /** What keeps it from running that no package would change; no failure, even where all programs are required. */
  forbidden?(): string | undefined;
  version(node: string): string | undefined;
  command(context: StartContext): Command;
}

export function serves(server: Server, scenario: Scenario): boolean {
  if ((server.behindNginx ?? false) !== scenario.behindNginx) return false;
  if (server.only !== undefined && !server.only.includes(scenario.name)) return false;
  return server.apps.includes(scenario.app) && !(server.without ?? []).includes(scenario.name);
}
