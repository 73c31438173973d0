/** Who changes a site, its zones and its sensors: by what name, and where they see and may do so. */
import { reaches, reachOf, type Spot } from '@annunciator/core/access';
import type { FastifyRequest } from 'fastify';
import { callerOf } from '../accounts/authentication.ts';
import { notHere, reachOfRoute } from '../accounts/reach.ts';

export interface SiteEditor {
  /** For the audit log. */
  readonly name: string;
  /** Whether they see a zone, or anything of a site (no zone). */
  sees(spot: Spot): boolean;
  /** @throws RequestError 403 where they may not change what stands in a zone, or a site as a whole (no zone) */
  check(spot: Spot): void;
}

/** The caller of a route that changes sites. */
export function editorOf(request: FastifyRequest): SiteEditor {
  const { access, userName } = callerOf(request);
  const seen = reachOf(access, 'sites.view');
  const open = reachOfRoute(request);
  return {
    name: userName,
    sees: ({ site, zone }) =>
      zone === null
        ? seen === 'everything' || seen.some((spot) => spot.site.toLowerCase() === site.toLowerCase())
        : reaches(seen, { site, zone }),
    check: (spot) => {
      // No zone has an empty name, so only a grant for the whole site reaches it.
      if (!reaches(open, { site: spot.site, zone: spot.zone ?? '' })) throw notHere(request, spot);
    },
  };
}
