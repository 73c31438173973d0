/** What back ends call over HTTPS: registry, twins, methods, queues, statistics. */
import type { ServiceCaller } from '../authentication/caller.ts';
import type { Deed } from '../core/context.ts';
import type { Hub } from '../core/hub.ts';
import { type BulkEntry, type BulkMode, MOST_LISTED } from '../core/registry.ts';
import { HubError } from '../hub-error.ts';
import { checkId, type Identity, type IdentityName } from '../identity/identity.ts';
import { formatIdentity, parseIdentity } from '../registry/identity-document.ts';
import { parseTwinChange, parseTwinEtag, serviceTwin, twinEtag } from '../twin/document.ts';
import { isObject, type JsonObject } from '../twin/limits.ts';
import type { Twin } from '../state/twins.ts';
import { type Answer, type HubRequest, json, NO_CONTENT } from './request.ts';
import type { Route } from './router.ts';

const DOCUMENT_BYTES = 256 * 1024;
const BULK_BYTES = 1024 * 1024;
/** Rows of a page that names no number. */
const USUAL_PAGE = 100;

/** The back end that calls, proved. @param deed what a refusal is recorded as */
export function callingService(hub: Hub, request: HubRequest, deed: Deed): Promise<ServiceCaller> {
  return hub.connections.authenticateService(request.header('authorization'), request.origin, deed);
}

function target(request: HubRequest): IdentityName {
  return { deviceId: request.parameter('device'), moduleId: request.optional('module') };
}

export function serviceRoutes(hub: Hub): Route[] {
  return [...registryRoutes(hub), ...twinRoutes(hub), ...deviceActionRoutes(hub), queryRoute(hub)];
}

function registryRoutes(hub: Hub): Route[] {
  const { registry } = hub;
  const service = (request: HubRequest, operation: Deed['operation'], name: IdentityName | null): Promise<ServiceCaller> =>
    callingService(hub, request, { category: 'DeviceIdentityOperations', operation, target: name });

  const put = async (request: HubRequest): Promise<Answer> => {
    const name = target(request);
    const { ifMatch } = request;
    const deed: Deed = { category: 'DeviceIdentityOperations', operation: ifMatch === null ? 'create' : 'update', target: name };
    const caller = await callingService(hub, request, deed);
    const definition = await hub.context.attempt(caller, deed, async () => {
      checkId('device', name.deviceId);
      if (name.moduleId !== null) checkId('module', name.moduleId);
      return parseIdentity(name, await request.object(DOCUMENT_BYTES));
    });
    const identity =
      ifMatch === null
        ? await registry.create(caller, definition)
        : await registry.update(caller, definition, ifMatch === '*' ? null : ifMatch);
    return identityAnswer(identity);
  };

  const get = async (request: HubRequest): Promise<Answer> =>
    identityAnswer(await registry.get(await service(request, 'get', target(request)), target(request)));

  const remove = async (request: HubRequest): Promise<Answer> => {
    const { ifMatch } = request;
    await registry.delete(await service(request, 'delete', target(request)), target(request), ifMatch === '*' ? null : ifMatch);
    return NO_CONTENT;
  };

  const list = async (request: HubRequest): Promise<Answer> => {
    const top = Number(request.query.get('top') ?? MOST_LISTED);
    const limit = Number.isInteger(top) && top > 0 ? Math.min(top, MOST_LISTED) : MOST_LISTED;
    const after = request.query.get('after') ?? '';
    return json((await registry.list(await service(request, 'list', null), limit, after)).map(formatIdentity));
  };

  const modules = async (request: HubRequest): Promise<Answer> =>
    json((await registry.modulesOf(await service(request, 'list', target(request)), request.parameter('device'))).map(formatIdentity));

  const bulk = async (request: HubRequest): Promise<Answer> => {
    const deed: Deed = { category: 'DeviceIdentityOperations', operation: 'bulk', target: null };
    const caller = await callingService(hub, request, deed);
    const entries = await hub.context.attempt(caller, deed, async () => parseBulk(await request.body(BULK_BYTES)));
    const errors = await registry.bulk(caller, entries);
    const told = errors.map(({ deviceId, moduleId, errorCode, errorName, message }) => ({
      deviceId,
      ...(moduleId === null ? {} : { moduleId }),
      errorCode: errorName,
      errorNumber: errorCode,
      errorStatus: message,
    }));
    return json({ isSuccessful: errors.length === 0, errors: told, warnings: [] });
  };

  const statistics = async (request: HubRequest): Promise<Answer> => {
    const { total, enabled } = await registry.statistics(await service(request, 'statistics', null));
    return json({ totalDeviceCount: total, enabledDeviceCount: enabled, disabledDeviceCount: total - enabled });
  };

  const connected = async (request: HubRequest): Promise<Answer> =>
    json({ connectedDeviceCount: (await registry.statistics(await service(request, 'statistics', null))).connected });

  return [
    { method: 'GET', path: '/devices', handle: list },
    { method: 'POST', path: '/devices', handle: bulk },
    { method: 'GET', path: '/statistics/devices', handle: statistics },
    { method: 'GET', path: '/statistics/service', handle: connected },
    ...['/devices/:device', '/devices/:device/modules/:module'].flatMap((path): Route[] => [
      { method: 'PUT', path, handle: put },
      { method: 'GET', path, handle: get },
      { method: 'DELETE', path, handle: remove },
    ]),
    { method: 'GET', path: '/devices/:device/modules', handle: modules },
  ];
}

function identityAnswer(identity: Identity): Answer {
  return json(formatIdentity(identity), { etag: `"${identity.etag}"` });
}

const MODES: readonly BulkMode[] = ['create', 'update', 'updateIfMatchETag', 'delete', 'deleteIfMatchETag'];

/** @throws HubError ArgumentInvalid */
function parseBulk(body: Buffer): BulkEntry[] {
  let list: unknown;
  try {
    list = JSON.parse(body.toString());
  } catch {
    throw new HubError('ArgumentInvalid', 'The body is not JSON.');
  }
  if (!Array.isArray(list)) throw new HubError('ArgumentInvalid', 'The body must be a list of devices.');
  return list.map((entry: unknown) => {
    if (!isObject(entry)) throw new HubError('ArgumentInvalid', 'Each entry of the list must be an object.');
    const mode = MODES.find((known) => known.toLowerCase() === String(entry['importMode'] ?? 'create').toLowerCase());
    if (!mode)
      throw new HubError('ArgumentInvalid', `The importMode ${JSON.stringify(entry['importMode'])} is none of ${MODES.join(', ')}.`);
    const deviceId = checkId('device', entry['id'] ?? entry['deviceId']);
    const moduleId = entry['moduleId'] === undefined ? null : checkId('module', entry['moduleId']);
    const etag = entry['eTag'] ?? entry['etag'];
    return { mode, definition: parseIdentity({ deviceId, moduleId }, entry), etag: typeof etag === 'string' ? etag : null };
  });
}

function twinRoutes(hub: Hub): Route[] {
  const get = async (request: HubRequest): Promise<Answer> => {
    const name = target(request);
    const caller = await callingService(hub, request, { category: 'C2DTwinOperations', operation: 'read', target: name });
    return twinAnswer(await hub.twins.read(caller, name));
  };

  const change =
    (how: 'patch' | 'replace') =>
    async (request: HubRequest): Promise<Answer> => {
      const name = target(request);
      const deed: Deed = { category: 'C2DTwinOperations', operation: how === 'patch' ? 'update' : 'replace', target: name };
      const caller = await callingService(hub, request, deed);
      const { changes, bytes } = await hub.context.attempt(caller, deed, async () => {
        const body = await request.object(DOCUMENT_BYTES);
        return { changes: parseTwinChange(body, how), bytes: Number(request.header('content-length') ?? 0) };
      });
      return twinAnswer(await hub.twins.change(caller, name, changes, how, parseTwinEtag(request.ifMatch), bytes));
    };

  return ['/twins/:device', '/twins/:device/modules/:module'].flatMap((path): Route[] => [
    { method: 'GET', path, handle: get },
    { method: 'PATCH', path, handle: change('patch') },
    { method: 'PUT', path, handle: change('replace') },
  ]);
}

function twinAnswer(twin: Twin): Answer {
  return json(serviceTwin(twin), { etag: `"${twinEtag(twin.twin)}"` });
}

function deviceActionRoutes(hub: Hub): Route[] {
  const invoke = async (request: HubRequest): Promise<Answer> => {
    const name = target(request);
    const deed: Deed = { category: 'DirectMethods', operation: 'invoke', target: name };
    const caller = await callingService(hub, request, deed);
    const call = await hub.context.attempt(caller, deed, async () => parseMethod(await request.object(DOCUMENT_BYTES)));
    const { status, payload } = await hub.methods.invoke(caller, name, call);
    return json(`{"status":${status},"payload":${payload === '' ? 'null' : payload}}`);
  };

  const purge = async (request: HubRequest): Promise<Answer> => {
    const deviceId = request.parameter('device');
    const caller = await callingService(hub, request, {
      category: 'C2DCommands',
      operation: 'purge',
      target: { deviceId, moduleId: null },
    });
    return json({ deviceId, moduleId: null, totalMessagesPurged: await hub.commands.purge(caller, deviceId) });
  };

  return [
    { method: 'POST', path: '/twins/:device/methods', handle: invoke },
    { method: 'POST', path: '/twins/:device/modules/:module/methods', handle: invoke },
    { method: 'DELETE', path: '/devices/:device/commands', handle: purge },
  ];
}

/** @throws HubError ArgumentInvalid */
function parseMethod(body: JsonObject) {
  const { methodName, payload, responseTimeoutInSeconds, connectTimeoutInSeconds } = body;
  if (typeof methodName !== 'string') throw new HubError('ArgumentInvalid', 'methodName is missing.');
  const seconds = (value: unknown, usual: number): number => (value === undefined || value === null ? usual : Number(value));
  return {
    name: methodName,
    payload: JSON.stringify(payload ?? null),
    responseTimeout: seconds(responseTimeoutInSeconds, 30),
    connectTimeout: seconds(connectTimeoutInSeconds, 0),
  };
}

/** `POST /devices/query`: rows in pages, the next one by the continuation of the last. */
function queryRoute(hub: Hub): Route {
  const deed: Deed = { category: 'TwinQueries', operation: 'query', target: null };
  return {
    method: 'POST',
    path: '/devices/query',
    handle: async (request) => {
      const caller = await callingService(hub, request, deed);
      const text = await hub.context.attempt(caller, deed, async () => {
        const { query } = await request.object(DOCUMENT_BYTES);
        if (typeof query !== 'string') throw new HubError('ArgumentInvalid', 'query is missing.');
        return query;
      });
      const pageSize = Number(request.header('x-ms-max-item-count') ?? USUAL_PAGE);
      const page = await hub.queries.run(caller, text, pageSize, request.header('x-ms-continuation') ?? null);
      return json(`[${page.items.join(',')}]`, {
        'x-ms-item-type': page.type,
        ...(page.continuation === null ? {} : { 'x-ms-continuation': page.continuation }),
      });
    },
  };
}
