import { nativeServers } from './native-servers.js';
import { nginxServers } from './nginx-servers.js';
import { nodeServers } from './node-servers.js';
import type { Server } from './server.js';

export const servers: readonly Server[] = [...nodeServers, ...nativeServers, ...nginxServers];

export function findServer(name: string): Server | undefined {
  return servers.find((candidate) => candidate.name === name);
}
