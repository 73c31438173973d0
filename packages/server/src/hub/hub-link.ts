/** The hub that belongs to this server, or why there is none. */
import { RequestError } from '../http/request-error.ts';
import type { HubDesk } from './hub-desk.ts';
import type { SecurityDesk } from './security-desk.ts';

export interface HubLink {
  /** Null while no hub runs. */
  readonly desk: HubDesk | null;
  /** Security groups and custom alerts; absent while no hub runs. */
  readonly security?: SecurityDesk;
  /** Why not, in a sentence that says what to do. */
  readonly why: string;
}

/** @throws RequestError 503 while no hub runs */
export function deskOf({ desk, why }: HubLink): HubDesk {
  if (desk) return desk;
  throw new RequestError(503, 'hub_off', why);
}
