/** Who acts from this machine's own pages and commands, after they were judged there: the hub lets them do anything. */
import type { ServiceCaller } from './caller.ts';
import { RIGHTS } from './policies.ts';

export const LOCAL_CALLER: ServiceCaller = {
  side: 'service',
  protocol: null,
  ipAddress: null,
  authentication: 'local',
  policy: null,
  rights: new Set(RIGHTS),
  expires: null,
  scope: null,
};
