import { nativeServers } from './native-servers.js';
import { nodeServers } from './node-servers.js';
import type { Server } from './server.js';

export const servers: readonly Server[] = [...nodeServers, ...nativeServers];

export function findServer(name: string): Server | undefined {
  return servers.find((candidate) => candidate.name === name);
}
