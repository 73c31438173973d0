/** Views of pages under a name, for oneself or for the team, and what a person prefers. */
import { randomUUID } from 'node:crypto';
import { type Place, reachOf } from '@annunciator/core/access';
import type { SavedView } from '@annunciator/store/saved-views';
import type { JsonValue } from '@annunciator/store/settings';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { App } from '../app.ts';
import type { Audit } from '../audit.ts';
import { callerOf, requirePermission } from '../accounts/authentication.ts';
import { type PlaceNames, viewsWithin } from '../accounts/shared-views.ts';
import { refusalSchema } from '../http/error-answers.ts';
import type { PortalRecords } from '../portal-records.ts';
import { notFound, RequestError } from '../http/request-error.ts';
import type { SiteDesk } from '../sites/site-desk.ts';

const MOST_VIEWS = 200;
const LONGEST_VALUE = 10_000;
const MOST_PREFERENCES = 100;
const tags = ['Views and preferences'];
const params = z.object({ id: z.string().max(100) });
const page = z
  .string()
  .regex(/^[a-z-]{1,40}$/)
  .describe('Page of the portal, such as alerts');
const viewSchema = z
  .object({
    id: z.string(),
    page,
    name: z.string(),
    owner: z.string(),
    team: z.boolean().describe('For everybody who sees all that it names'),
    address: z.string().describe('What the address of the page holds, without the question mark'),
    updated: z.string(),
  })
  .meta({ id: 'SavedView' });
const name = z.string().trim().min(1).max(80);
const address = z.string().max(8000);
const preferencesSchema = z.record(z.string(), z.json()).meta({ id: 'Preferences' });

const NO_NAMES: PlaceNames = { places: [], sensors: [] };

export interface ViewRouteParts {
  readonly records: PortalRecords;
  readonly audit: Audit;
  /** Nothing where there are no sites. */
  readonly sites: Pick<SiteDesk, 'list' | 'sensors'> | undefined;
}

export function addViewRoutes(app: App, { records, audit, sites }: ViewRouteParts): void {
  const { views, preferences } = records;

  app.get(
    '/api/views',
    {
      config: { permission: 'signed-in' },
      schema: {
        tags,
        summary: "The views of a page: your own and the team's",
        description:
          'Who has a role at some places only is told those of the team that name nothing else: no search, filters by site, zone and sensor of these places, and filters by words such as severity, status or type.',
        querystring: z.object({ page }),
        response: { 200: z.array(viewSchema) },
      },
    },
    async (request) => {
      const { userName } = callerOf(request);
      const isTold = await toldTo(request);
      return (await views.list(request.query.page, userName)).filter((one) => one.owner === userName || isTold(one)).map(view);
    },
  );

  app.post(
    '/api/views',
    {
      config: { permission: 'signed-in' },
      schema: {
        tags,
        summary: 'Keep a view; for the team with the permission views.share',
        body: z.object({ page, name, address, team: z.boolean().default(false) }),
        response: { 201: viewSchema, 403: refusalSchema, 409: refusalSchema },
      },
    },
    async (request, reply) => {
      const owner = callerOf(request).userName;
      const { body } = request;
      if (body.team) requirePermission(request, 'views.share');
      if ((await views.list(body.page, owner)).filter((other) => other.owner === owner).length >= MOST_VIEWS)
        throw new RequestError(409, 'too_many_views', `You keep ${MOST_VIEWS} views of this page: remove one that is no longer used.`);
      const made: SavedView = { id: randomUUID(), ...body, owner, updated: Date.now() };
      await views.put(made);
      if (made.team) await note(request, 'view.share', made);
      return reply.code(201).send(view(made));
    },
  );

  app.patch(
    '/api/views/:id',
    {
      config: { permission: 'signed-in' },
      schema: {
        tags,
        summary: 'Change a view of yours',
        params,
        body: z.object({ name: name.optional(), address: address.optional(), team: z.boolean().optional() }),
        response: { 200: viewSchema, 403: refusalSchema, 404: refusalSchema },
      },
    },
    async (request) => {
      const before = await own(request);
      const { name: newName = before.name, address: newAddress = before.address, team = before.team } = request.body;
      if (team) requirePermission(request, 'views.share');
      const changed: SavedView = { ...before, name: newName, address: newAddress, team, updated: Date.now() };
      await views.put(changed);
      if (before.team || team) await note(request, 'view.change', changed);
      return view(changed);
    },
  );

  app.delete(
    '/api/views/:id',
    {
      config: { permission: 'signed-in' },
      schema: {
        tags,
        summary: "Remove a view of yours; an Owner removes any of the team's",
        params,
        response: { 204: z.null(), 403: refusalSchema, 404: refusalSchema },
      },
    },
    async (request, reply) => {
      const before = await own(request);
      await views.remove(before.id);
      if (before.team) await note(request, 'view.remove', before);
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/api/preferences',
    { config: { permission: 'signed-in' }, schema: { tags, summary: 'What you prefer, by name', response: { 200: preferencesSchema } } },
    async (request) => ({ ...(await preferences.of(callerOf(request).userName)) }) as z.infer<typeof preferencesSchema>,
  );

  app.put(
    '/api/preferences/:name',
    {
      config: { permission: 'signed-in' },
      schema: {
        tags,
        summary: 'Set one thing that you prefer; null forgets it',
        params: z.object({ name: z.string().regex(/^[a-zA-Z.-]{1,60}$/) }),
        body: z.object({ value: z.json() }),
        response: { 204: z.null(), 413: refusalSchema, 409: refusalSchema },
      },
    },
    async (request, reply) => {
      const user = callerOf(request).userName;
      const { value } = request.body;
      const { name: asked } = request.params;
      if (JSON.stringify(value).length > LONGEST_VALUE)
        throw new RequestError(413, 'body_too_large', `A preference may have ${LONGEST_VALUE} characters: keep less.`);
      const known = await preferences.of(user);
      if (!(asked in known) && Object.keys(known).length >= MOST_PREFERENCES)
        throw new RequestError(409, 'too_many_views', `${MOST_PREFERENCES} preferences are kept: set one to null first.`);
      if (value === null) await preferences.remove(user, asked);
      else await preferences.set(user, asked, value as JsonValue);
      return reply.code(204).send(null);
    },
  );

  /** A view that the caller may change. */
  async function own(request: FastifyRequest<{ Params: { id: string } }>): Promise<SavedView> {
    const { userName, access } = callerOf(request);
    const found = await views.get(request.params.id);
    // Of others' own views nobody is told that they are there, nor of those of the team that name what is hidden from them.
    if (!found || (found.owner !== userName && !(found.team && (await toldTo(request))(found)))) throw notFound('view', request.params.id);
    if (found.owner !== userName && reachOf(access, 'users.edit') !== 'everything')
      throw new RequestError(403, 'not_permitted', `This view of the team is kept by ${found.owner}: save one of your own instead.`);
    return found;
  }

  /** Which views of the team the caller is told of. */
  async function toldTo(request: FastifyRequest): Promise<(found: SavedView) => boolean> {
    const reach = reachOf(callerOf(request).access, 'sites.view');
    return viewsWithin(reach, reach === 'everything' ? NO_NAMES : await placeNames());
  }

  async function placeNames(): Promise<PlaceNames> {
    const [all, sensors] = await Promise.all([sites?.list() ?? [], sites?.sensors() ?? []]);
    const places = all.flatMap(({ name: site, zones }): Place[] =>
      zones.length === 0 ? [{ site, zone: '' }] : zones.map((zone) => ({ site, zone })),
    );
    return { places, sensors: sensors.map(({ sensor }) => sensor) };
  }

  async function note(request: FastifyRequest, action: string, { id, name: viewName, page: ofPage }: SavedView): Promise<void> {
    await audit.record({ at: Date.now(), who: callerOf(request).userName, action, on: [id], details: { name: viewName, page: ofPage } });
  }
}

function view({ updated, ...rest }: SavedView): z.infer<typeof viewSchema> {
  return { ...rest, updated: new Date(updated).toISOString() };
}
