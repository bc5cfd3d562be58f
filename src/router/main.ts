/** Entry of a router process. */
import { runChild } from '../worker/child.js';
import { Router } from './router.js';

runChild({
  role: 'router',
  create: ({ workerId, ...options }, { backends }) =>
    new Router({ ...options, routerId: workerId, backends }),
});
