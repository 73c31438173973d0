/**
 * What somebody may do, and where: roles that are granted for everything, for a site, or for a zone of one. The table of
 * `roles.ts` says what a role may; this says whose, of which alerts and devices. All of it is pure.
 */
import { ACTIONS, type Action, type Console, highestRole, mayHere, type Role, rolesOf, standingOf } from './roles.ts';

/** Where an alert, a device or a sensor stands. Names are compared without regard to case. */
export interface Place {
  readonly site: string;
  readonly zone: string;
}

/** A role for everything (no site), for a site (no zone), or for a zone of a site. */
export interface Grant {
  readonly role: Role;
  readonly site: string | null;
  readonly zone: string | null;
  /** Whether it includes the packets of alerts; null leaves that to the role. */
  readonly packets: boolean | null;
}

export interface Access {
  readonly grants: readonly Grant[];
  /** A token may do nothing that this role may not, either. */
  readonly within: Role | null;
}

/** A site (no zone), or a zone of it. */
export interface Spot {
  readonly site: string;
  readonly zone: string | null;
}

/** The places at which something may be done; an empty list is nowhere. */
export type Reach = 'everything' | readonly Spot[];

export const MOST_GRANTS = 100;

/** A role for everything. */
export function everywhere(role: Role): Grant {
  return { role, site: null, zone: null, packets: null };
}

export function accessOf(grants: readonly Grant[], within: Role | null = null): Access {
  return { grants, within };
}

/** Where an action may be done. An action of the whole system is granted for everything or nowhere. */
export function reachOf({ grants, within }: Access, action: Action): Reach {
  if (within !== null && !mayHere(within, action)) return [];
  const spots: Spot[] = [];
  for (const grant of grants) {
    if (!allows(grant, action)) continue;
    if (grant.site === null) return 'everything';
    spots.push({ site: grant.site, zone: grant.zone });
  }
  return standingOf(action) === 'placed' ? spots : [];
}

function allows({ role, packets }: Grant, action: Action): boolean {
  return action === 'alerts.pcap' && packets !== null ? packets : mayHere(role, action);
}

export function isNowhere(reach: Reach): boolean {
  return reach !== 'everything' && reach.length === 0;
}

/** Whether a place lies within a reach. */
export function reaches(reach: Reach, place: Place): boolean {
  return reach === 'everything' || reach.some((spot) => covers(spot, place));
}

function covers(spot: Spot, place: Place): boolean {
  return same(spot.site, place.site) && (spot.zone === null || same(spot.zone, place.zone));
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** Whether an action may be done to what stands at a place. */
export function mayAt(access: Access, action: Action, place: Place): boolean {
  return reaches(reachOf(access, action), place);
}

/** Whether an action may be done at least somewhere. */
export function maySomewhere(access: Access, action: Action): boolean {
  return !isNowhere(reachOf(access, action));
}

export function mayEverywhere(access: Access, action: Action): boolean {
  return reachOf(access, action) === 'everything';
}

/** Everything that may be done somewhere, for pages to hide what they would be refused. */
export function actionsOf(access: Access): Action[] {
  return ACTIONS.filter((action) => maySomewhere(access, action));
}

/** Everything that may be done everywhere, for pages to hide what concerns the whole system. */
export function actionsEverywhere(access: Access): Action[] {
  return ACTIONS.filter((action) => mayEverywhere(access, action));
}

/** Whether one access includes all of another: nobody can hand out more than they have. */
export function includes(access: Access, other: Access): boolean {
  return ACTIONS.every((action) => {
    const own = reachOf(access, action);
    const asked = reachOf(other, action);
    if (own === 'everything') return true;
    if (asked === 'everything') return false;
    return asked.every((spot) => own.some((mine) => same(mine.site, spot.site) && (mine.zone === null || sameZone(mine.zone, spot.zone))));
  });
}

function sameZone(mine: string, asked: string | null): boolean {
  return asked !== null && same(mine, asked);
}

/** Whether somebody may do everything at a console: the last one has to stay. */
export function isHighest(grants: readonly Grant[], console: Console): boolean {
  return grants.some(({ role, site }) => role === highestRole(console) && site === null);
}

/** Why grants cannot be given at a console, as a sentence; null when they can. */
export function grantsProblem(grants: readonly Grant[], console: Console): string | null {
  if (grants.length > MOST_GRANTS) return `A user has at most ${MOST_GRANTS} grants, this one would have ${grants.length}.`;
  const known = rolesOf(console);
  for (const { role, site, zone } of grants) {
    if (!known.includes(role)) return `There is no role ${role} here: use ${known.join(', ')}.`;
    if (site === null && zone !== null) return `The grant of ${role} names the zone ${zone} without its site: name both.`;
    if (site === '' || zone === '') return `The grant of ${role} has an empty name: leave the site or the zone out for all of them.`;
  }
  return null;
}

/** Grants for people: "Security Reader; Security Admin at North Station, zone Boilers". */
export function grantsText(grants: readonly Grant[]): string {
  return grants.map(grantText).join('; ') || 'no role';
}

export function grantText({ role, site, zone, packets }: Grant): string {
  const where = site === null ? '' : ` at ${site}${zone === null ? '' : `, zone ${zone}`}`;
  const also = packets === null || packets === mayHere(role, 'alerts.pcap') ? '' : packets ? ' with packets' : ' without packets';
  return `${role}${where}${also}`;
}
