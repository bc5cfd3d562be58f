/**
 * The option table: the only place where options are declared, one file a section. Command line, environment,
 * `--help`, docs/options.md and the type `Config` are derived from it. scripts/new-option.md says how to add a row.
 */
import type { OptionRow } from './option-row.js';
import { ADAPTIVE_OPTIONS } from './options/adaptive.js';
import { APPLICATION_MODULE_OPTIONS } from './options/application-module.js';
import { APPLICATION_OPTIONS } from './options/application.js';
import { GENERAL_OPTIONS } from './options/general.js';
import { IDENTITY_OPTIONS } from './options/process-identity.js';
import { LIFECYCLE_OPTIONS } from './options/lifecycle.js';
import { LOG_DESTINATION_OPTIONS } from './options/log-destinations.js';
import { LOGGING_OPTIONS } from './options/logging.js';
import { PROCESS_OPTIONS } from './options/processes.js';
import { RECYCLING_OPTIONS } from './options/recycling.js';
import { REQUEST_OPTIONS } from './options/requests.js';
import { ROUTER_OPTIONS } from './options/router.js';
import { SOCKET_OPTIONS } from './options/sockets.js';
import { STATIC_OPTIONS } from './options/static-files.js';
import { STATS_OPTIONS } from './options/stats.js';
import { TIMEOUT_OPTIONS } from './options/timeouts.js';

/** In the order of `--help` and docs/options.md. */
export const OPTION_GROUPS: readonly OptionGroup[] = [
  { section: 'Sockets', rows: SOCKET_OPTIONS },
  { section: 'HTTP router', rows: ROUTER_OPTIONS },
  { section: 'Processes', rows: PROCESS_OPTIONS },
  { section: 'Adaptive workers', rows: ADAPTIVE_OPTIONS },
  { section: 'Application', rows: APPLICATION_OPTIONS },
  { section: 'Functions for applications', rows: APPLICATION_MODULE_OPTIONS },
  { section: 'Requests', rows: REQUEST_OPTIONS },
  { section: 'Timeouts', rows: TIMEOUT_OPTIONS },
  { section: 'Static files', rows: STATIC_OPTIONS },
  { section: 'Starting and stopping', rows: LIFECYCLE_OPTIONS },
  { section: 'Deadlines, recycling, reload', rows: RECYCLING_OPTIONS },
  { section: 'Process identity', rows: IDENTITY_OPTIONS },
  { section: 'Logging', rows: LOGGING_OPTIONS },
  { section: 'Where the log goes', rows: LOG_DESTINATION_OPTIONS },
  { section: 'Statistics', rows: STATS_OPTIONS },
  { section: 'General', rows: GENERAL_OPTIONS },
];

export interface OptionGroup {
  readonly section: string;
  readonly rows: readonly OptionRow[];
}

export const OPTIONS = [
  ...SOCKET_OPTIONS,
  ...ROUTER_OPTIONS,
  ...PROCESS_OPTIONS,
  ...ADAPTIVE_OPTIONS,
  ...APPLICATION_OPTIONS,
  ...APPLICATION_MODULE_OPTIONS,
  ...REQUEST_OPTIONS,
  ...TIMEOUT_OPTIONS,
  ...STATIC_OPTIONS,
  ...LIFECYCLE_OPTIONS,
  ...RECYCLING_OPTIONS,
  ...IDENTITY_OPTIONS,
  ...LOGGING_OPTIONS,
  ...LOG_DESTINATION_OPTIONS,
  ...STATS_OPTIONS,
  ...GENERAL_OPTIONS,
] as const satisfies readonly OptionRow[];

/** One row with its literal types. */
export type Option = (typeof OPTIONS)[number];
export type OptionName = Option['name'];
