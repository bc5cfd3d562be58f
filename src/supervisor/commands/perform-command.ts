import type { MasterCommand } from './master-commands.js';
import type { ReloadManner } from '../recycling/replacements.js';

/** What a master can be told. */
export interface Performer {
  stopGracefully(reason: string): void;
  stopNow(reason: string): void;
  reload(reason: string, manner?: ReloadManner): void;
  pause(reason: string): void;
  revive(reason: string): void;
  logWorkers(): void;
  ignored(reason: string): void;
}

/** The commands that concern workers; `reason`: who gave it, for the log. */
export function performCommand(master: Performer, command: MasterCommand, reason: string): void {
  switch (command) {
    case 'stop-gracefully': {
      master.stopGracefully(reason);
      return;
    }
    case 'stop-now': {
      master.stopNow(reason);
      return;
    }
    case 'reload':
    case 'reload-workers': {
      master.reload(reason);
      return;
    }
    case 'reload-now':
    case 'reload-workers-now': {
      master.reload(reason, 'brutal');
      return;
    }
    case 'chain-reload': {
      master.reload(reason, 'chain');
      return;
    }
    case 'pause': {
      master.pause(reason);
      return;
    }
    case 'revive': {
      master.revive(reason);
      return;
    }
    case 'log-workers': {
      master.logWorkers();
      return;
    }
    default: {
      master.ignored(reason);
      return;
    }
  }
}
