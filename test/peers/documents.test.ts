/** Every block of the documents that show how to deploy is done as it stands. */
import { existsSync } from 'node:fs';
import { requireProgram, skipFor } from '../helpers/programs.js';
import { WalkThrough, type Reading } from './documents/walk-through.js';
import { missingApacheModule } from './fronts/apache.js';
import { STOCK_PARAMETERS } from './fronts/nginx.js';

interface Guide extends Reading {
  readonly programs: readonly string[];
  readonly missing?: () => string | undefined;
}

const GUIDES: readonly Guide[] = [
  {
    document: 'nginx.md',
    programs: ['nginx', 'curl'],
    ports: [8080, 8081],
    missing: () => (existsSync(STOCK_PARAMETERS) ? undefined : `${STOCK_PARAMETERS} is missing`),
  },
  {
    document: 'apache.md',
    programs: ['apache2', 'curl'],
    ports: [8080, 9000],
    missing: missingApacheModule,
  },
  { document: 'lighttpd.md', programs: ['lighttpd', 'curl'], ports: [8080] },
  { document: 'migrating-from-uwsgi.md', programs: ['curl'], ports: [8080, 8081] },
];

describe('documents that show how to deploy', () => {
  for (const { programs, missing, ...reading } of GUIDES) {
    it(`docs/${reading.document} does what it says`, async function () {
      for (const program of programs) requireProgram(this, program);
      const reason = missing?.();
      if (reason !== undefined) skipFor(this, reason);
      const walk = await WalkThrough.begin(reading);
      try {
        await walk.walk();
      } finally {
        await walk.end();
      }
    });
  }
});
