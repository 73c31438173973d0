/**
 * Sites, zones and sensors as people order them. A sensor that comes up and is not known registers itself where it was told
 * to stand; where a person has moved it to wins from then on. Every change is audited with before and after.
 */
import type { AuditState } from '@annunciator/store/audit-log';
import type { RegisteredSensor, SensorType, Site, Sites } from '@annunciator/store/sites';
import type { Place } from '../alerts/alert-desk.ts';
import type { Audit } from '../audit.ts';
import { healthView, type HealthView } from './health-view.ts';
import { notFound, RequestError } from '../http/request-error.ts';
import type { SensorLink, SensorStatus } from '../sensor-link.ts';
import type { SiteEditor } from './site-editor.ts';
import { healthWord, type HealthWord } from './sensor-health-word.ts';

/** Milliseconds between two looks at who runs. */
const LOOK_EVERY = 60_000;
/** Sites, zones of a site and sensors that are kept. */
const MOST = 1000;

export interface SiteDeskOptions {
  readonly sites: Pick<Sites, keyof Sites>;
  readonly sensors: SensorLink;
  readonly audit: Audit;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
}

/** A sensor with how it is now. */
export interface SensorNow {
  readonly sensor: RegisteredSensor;
  readonly status: SensorStatus | undefined;
  readonly health: HealthView | null;
  readonly word: HealthWord;
}

interface Audited {
  readonly before?: AuditState;
  readonly after?: AuditState;
  readonly zone?: string;
}

type Change<Of> = { readonly [Key in keyof Of]?: Of[Key] | undefined };

export class SiteDesk {
  readonly #options: SiteDeskOptions;
  readonly #clock: () => number;
  /** One change after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: SiteDeskOptions) {
    this.#options = options;
    this.#clock = options.clock ?? Date.now;
  }

  /** Where a sensor that comes up stands: where a person put it, else where it was told to; it is registered there then. */
  static async standing(sites: SiteDeskOptions['sites'], place: Place, type: SensorType, now: number): Promise<Place> {
    const known = find(await sites.sensors(), place.sensor);
    if (known) return { sensor: place.sensor, site: known.site, zone: known.zone };
    if (!find(await sites.list(), place.site)) await sites.put({ name: place.site, displayName: '', tags: {}, owners: [] }, [place.zone]);
    else await addZone(sites, place);
    await sites.putSensor({
      name: place.sensor,
      type,
      site: place.site,
      zone: place.zone,
      by: null,
      registered: now,
      activated: null,
      lastConnected: null,
    });
    return place;
  }

  /** Looks once a minute who runs, so that a sensor that stops is known with its last time. Returns what ends it. */
  watch(say: (line: string) => void): () => void {
    const look = () => void this.sensors().catch((error: unknown) => say(`The sensors could not be looked at: ${String(error)}.`));
    const timer = setInterval(look, LOOK_EVERY).unref();
    look();
    return () => clearInterval(timer);
  }

  /** Every sensor, by name. Notes which of them run now, and whose first packet has come. */
  async sensors(): Promise<SensorNow[]> {
    const statuses = await this.#options.sensors.status();
    const found: SensorNow[] = [];
    for (const known of await this.#options.sites.sensors()) {
      const status = find(statuses, known.name);
      const runs = status !== undefined && status.state !== 'disconnected';
      const now = this.#clock();
      const sensor = runs ? { ...known, activated: known.activated ?? (status.packets > 0 ? now : null), lastConnected: now } : known;
      if (runs && (sensor.activated !== known.activated || now - (known.lastConnected ?? 0) >= LOOK_EVERY / 2))
        await this.#inTurn(() => this.#note(sensor));
      const health = status?.health ? healthView(status.health) : null;
      found.push({ sensor, status, health, word: healthWord(sensor, status, health) });
    }
    return found;
  }

  async sensor(name: string): Promise<SensorNow> {
    const found = (await this.sensors()).find(({ sensor }) => same(sensor.name, name));
    if (!found) throw notFound('sensor', name);
    return found;
  }

  async list(): Promise<(Site & { readonly zones: readonly string[] })[]> {
    const zones = await this.#options.sites.zones();
    return (await this.#options.sites.list()).map((site) => ({
      ...site,
      zones: zones.filter((zone) => same(zone.site, site.name)).map(({ name }) => name),
    }));
  }

  create(site: Site, zones: readonly string[], who: string): Promise<void> {
    return this.#inTurn(async () => {
      const all = await this.#options.sites.list();
      if (find(all, site.name)) throw new RequestError(409, 'conflict', `There is a site "${site.name}" already: choose another name.`);
      room(all.length, 'sites');
      await this.#options.sites.put(site, zones);
      await this.#audit(who, 'site.create', site.name, { after: { ...site, zones } });
    });
  }

  /** @throws RequestError where the editor may not change the whole site */
  change(name: string, to: Change<Omit<Site, 'name'>>, by: SiteEditor): Promise<void> {
    return this.#inTurn(async () => {
      const before = await this.#site(name, by);
      by.check({ site: before.name, zone: null });
      const after: Site = {
        name: before.name,
        displayName: to.displayName ?? before.displayName,
        tags: to.tags ?? before.tags,
        owners: to.owners ?? before.owners,
      };
      await this.#options.sites.put(after);
      await this.#audit(by.name, 'site.change', before.name, { before: { ...before }, after: { ...after } });
    });
  }

  /** @throws RequestError while a sensor stands in it */
  remove(name: string, who: string): Promise<void> {
    return this.#inTurn(async () => {
      const before = await this.#site(name);
      await this.#isEmpty(before.name);
      await this.#options.sites.remove(before.name);
      await this.#audit(who, 'site.remove', before.name, { before: { ...before } });
    });
  }

  /** @throws RequestError where the editor may not change the whole site */
  addZone(site: string, zone: string, by: SiteEditor): Promise<void> {
    return this.#inTurn(async () => {
      const { name } = await this.#site(site, by);
      by.check({ site: name, zone: null });
      room((await this.#options.sites.zones()).filter((other) => same(other.site, name)).length, 'zones of a site');
      if (await addZone(this.#options.sites, { site: name, zone })) await this.#audit(by.name, 'zone.create', name, { zone });
    });
  }

  /** @throws RequestError while a sensor stands in it, and where the editor may not change the whole site */
  removeZone(site: string, zone: string, by: SiteEditor): Promise<void> {
    return this.#inTurn(async () => {
      const known = (await this.#options.sites.zones()).find((other) => same(other.site, site) && same(other.name, zone));
      if (!known || !by.sees({ site: known.site, zone: known.name })) throw notFound('zone', zone);
      by.check({ site: known.site, zone: null });
      await this.#isEmpty(known.site, known.name);
      await this.#options.sites.removeZone(known);
      await this.#audit(by.name, 'zone.remove', known.site, { zone: known.name });
    });
  }

  /** Registers a sensor that will come: it is pending until its first packet. @throws RequestError where the editor may not */
  register(wanted: Pick<RegisteredSensor, 'name' | 'type' | 'site' | 'zone'>, by: SiteEditor): Promise<void> {
    return this.#inTurn(async () => {
      const place = await this.#place(wanted, by);
      const all = await this.#options.sites.sensors();
      const other = find(all, wanted.name);
      if (other) throw new RequestError(409, 'conflict', takenText(other, by));
      room(all.length, 'sensors');
      const sensor = { ...wanted, ...place, by: by.name, registered: this.#clock(), activated: null, lastConnected: null };
      await this.#options.sites.putSensor(sensor);
      await this.#audit(by.name, 'sensor.register', wanted.name, { after: { type: wanted.type, ...place } });
    });
  }

  /**
   * Changes where a sensor stands, or its type; what it detects from now on carries the new place.
   * @throws RequestError where the editor may not change sensors: where it stood, or where it goes
   */
  move(name: string, to: Change<Pick<RegisteredSensor, 'type' | 'site' | 'zone'>>, by: SiteEditor): Promise<void> {
    return this.#inTurn(async () => {
      const before = await this.#sensor(name, by);
      const type = to.type ?? before.type;
      const place = await this.#place({ site: to.site ?? before.site, zone: to.zone ?? before.zone }, by);
      await this.#options.sites.putSensor({ ...before, type, ...place });
      await this.#options.sensors.move?.(before.name, place);
      const told = (of: Pick<RegisteredSensor, 'type' | 'site' | 'zone'>) => ({ type: of.type, site: of.site, zone: of.zone });
      await this.#audit(by.name, 'sensor.change', before.name, { before: told(before), after: { type, ...place } });
    });
  }

  /** @throws RequestError while the sensor runs, and where the editor may not change sensors */
  removeSensor(name: string, by: SiteEditor): Promise<void> {
    return this.#inTurn(async () => {
      const before = await this.#sensor(name, by);
      const status = find(await this.#options.sensors.status(), before.name);
      if (status && status.state !== 'disconnected')
        throw new RequestError(409, 'still_active', `The sensor ${before.name} runs. Stop it first; its alerts and devices stay.`);
      await this.#options.sites.removeSensor(before.name);
      await this.#audit(by.name, 'sensor.remove', before.name, { before: { type: before.type, site: before.site, zone: before.zone } });
    });
  }

  /** The place as it is spelt, when there is such a site and zone, and the editor may have sensors there. */
  async #place({ site, zone }: { readonly site: string; readonly zone: string }, by: SiteEditor): Promise<Omit<Place, 'sensor'>> {
    const { name } = await this.#site(site, by);
    const known = (await this.#options.sites.zones()).find((other) => same(other.site, site) && same(other.name, zone));
    if (!known || !by.sees({ site: name, zone: known.name })) throw notFound(`zone in ${site}`, zone);
    const place = { site: name, zone: known.name };
    by.check(place);
    return place;
  }

  /** A site that the editor sees, or that anybody asks for who sees all of them. */
  async #site(name: string, by?: SiteEditor): Promise<Site> {
    const known = find(await this.#options.sites.list(), name);
    if (!known || by?.sees({ site: known.name, zone: null }) === false) throw notFound('site', name);
    return known;
  }

  /** A sensor that the editor may change. */
  async #sensor(name: string, by: SiteEditor): Promise<RegisteredSensor> {
    const known = find(await this.#options.sites.sensors(), name);
    if (!known || !by.sees(known)) throw notFound('sensor', name);
    by.check(known);
    return known;
  }

  async #isEmpty(site: string, zone?: string): Promise<void> {
    const inside = (await this.#options.sites.sensors()).filter(
      (sensor) => same(sensor.site, site) && (zone === undefined || same(sensor.zone, zone)),
    );
    const [first] = inside;
    if (!first) return;
    const what = zone === undefined ? `the site ${site}` : `the zone ${zone}`;
    throw new RequestError(409, 'not_empty', `The sensor ${first.name} stands in ${what}: move or delete it first.`);
  }

  /** What was seen of a sensor, beside what people set meanwhile. */
  async #note({ name, activated, lastConnected }: RegisteredSensor): Promise<void> {
    const known = find(await this.#options.sites.sensors(), name);
    if (known) await this.#options.sites.putSensor({ ...known, activated, lastConnected });
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  #audit(who: string, action: string, on: string, { before, after, zone }: Audited): Promise<void> {
    return this.#options.audit.record({
      at: this.#clock(),
      who,
      action,
      on: [on],
      ...(before ? { before } : {}),
      ...(after ? { after } : {}),
      ...(zone === undefined ? {} : { details: { zone } }),
    });
  }
}

/** That a name is taken, as alerts and baselines go by it in the whole system: where and by what is for those who see it. */
function takenText(sensor: RegisteredSensor, by: SiteEditor): string {
  if (!by.sees(sensor)) return 'This name cannot be had: choose another one, such as one that begins with the name of the site.';
  return `There is a sensor "${sensor.name}" already, in ${sensor.site}, ${sensor.zone}: choose another name, or change that one.`;
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function find<One extends { readonly name: string }>(all: readonly One[], name: string): One | undefined {
  return all.find((one) => same(one.name, name));
}

async function addZone(sites: SiteDeskOptions['sites'], { site, zone }: { site: string; zone: string }): Promise<boolean> {
  if ((await sites.zones()).some((other) => same(other.site, site) && same(other.name, zone))) return false;
  const known = find(await sites.list(), site);
  if (known) await sites.put(known, [zone]);
  return known !== undefined;
}

function room(count: number, what: string): void {
  if (count >= MOST) throw new RequestError(409, 'too_many', `${MOST} ${what} are kept: remove what is no longer used.`);
}
