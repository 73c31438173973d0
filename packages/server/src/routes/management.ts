/**
 * The management API of `Microsoft.Security` as the package `@azure/arm-security` uses it: device security groups, IoT
 * security solutions with their analytics, and alerts. Callers show an API token as their bearer token.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AlertDesk } from '../alerts/alert-desk.ts';
import type { App } from '../app.ts';
import { callerOf } from '../accounts/authentication.ts';
import type { SecurityDesk } from '../hub/security-desk.ts';
import { Aggregates, solutionBase } from '../management/aggregates.ts';
import { DeviceAlerts } from '../management/device-alerts.ts';
import { type Answer, DeviceSecurityGroups } from '../management/device-security-groups.ts';
import { asManagementError, ManagementError, notThere } from '../management/management-error.ts';
import { Solutions } from '../management/solutions.ts';
import { is, parseTarget, type Target } from '../management/target.ts';

export interface ManagementParts {
  readonly alerts: AlertDesk;
  readonly desk: SecurityDesk;
  readonly log?: (line: string) => void;
}

interface Call {
  readonly method: string;
  readonly target: Target;
  readonly query: URLSearchParams;
  readonly request: FastifyRequest;
  /** Address of another page of the same list. */
  readonly link: (token: string | number) => string;
}

/** The path under which the API lies, whatever slashes a resource id brings along. */
export const MANAGEMENT = '/subscriptions/';
const HUBS = 'Microsoft.Devices/IotHubs';

export function addManagementRoutes(app: App, parts: ManagementParts): void {
  const { settings, findings, clock } = parts.desk;
  const groups = new DeviceSecurityGroups(parts.desk);
  const solutions = new Solutions(settings, parts.desk, clock);
  const aggregates = new Aggregates({ findings, types: parts.alerts.types, settings, clock });
  const alerts = new DeviceAlerts(parts.alerts);

  /** Who changes what is judged needs the right to; who answers alerts, that of answering. */
  const permissions = {
    GET: 'customRules.view',
    PUT: 'customRules.edit',
    PATCH: 'customRules.edit',
    DELETE: 'customRules.edit',
    POST: 'alerts.status',
  } as const;

  const answer = async (request: FastifyRequest): Promise<Answer> => {
    const url = new URL(request.raw.url ?? '/', `${request.protocol}://${request.host}`);
    if (!/^\d{4}-\d\d-\d\d(-preview)?$/.test(url.searchParams.get('api-version') ?? ''))
      throw new ManagementError(
        400,
        'MissingApiVersionParameter',
        'The api-version query parameter is missing: give one such as 2019-08-01.',
      );
    const target = parseTarget(url.pathname);
    if (!target) throw notThere('resource', url.pathname);
    const link = (token: string | number): string => {
      const next = new URL(url);
      next.searchParams.set('$skipToken', String(token));
      return next.href;
    };
    return serve({ method: request.method, target, query: url.searchParams, request, link });
  };

  const serve = (call: Call): Promise<Answer> | Answer => {
    const [collection] = call.target.rest;
    if (is(collection, 'deviceSecurityGroups')) return serveGroups(call);
    if (is(collection, 'iotSecuritySolutions')) return serveSolutions(call);
    if (is(collection, 'alerts') || is(collection, 'locations')) return serveAlerts(call);
    throw notThere('resource type', collection ?? '');
  };

  const serveGroups = ({ method, target, query, request, link }: Call): Promise<Answer> => {
    const { scope, resource, rest } = target;
    if (!resource || !is(resource.type, HUBS))
      throw new ManagementError(
        400,
        'InvalidResourceId',
        `${scope} is no IoT hub: give the id of one, /subscriptions/.../providers/${HUBS}/NAME.`,
      );
    const [, name, more] = rest;
    if (more !== undefined) throw notThere('resource', rest.join('/'));
    if (name === undefined) {
      if (method === 'GET') return groups.list(scope, skipOf(query), link);
      throw notAllowed(method);
    }
    const by = callerOf(request).userName;
    switch (method) {
      case 'GET':
        return groups.get(scope, name);
      case 'PUT':
        return groups.put(scope, name, request.body, conditionsOf(request), by);
      case 'DELETE':
        return groups.delete(name, by);
      default:
        throw notAllowed(method);
    }
  };

  const serveSolutions = (call: Call): Promise<Answer> | Answer => {
    const { method, target, query, request } = call;
    const [, name, analytics] = target.rest;
    if (name === undefined) {
      if (method === 'GET') return solutions.list(target, query.get('$filter') ?? undefined);
      throw notAllowed(method);
    }
    if (target.resourceGroup === null)
      throw new ManagementError(400, 'InvalidResourceId', 'A solution belongs to a resource group: name it in the path.');
    if (analytics !== undefined) return serveAnalytics(call, name);
    const by = callerOf(request).userName;
    switch (method) {
      case 'GET':
        return solutions.get(target, name);
      case 'PUT':
        return solutions.put(target, name, request.body, by);
      case 'PATCH':
        return solutions.patch(target, name, request.body, by);
      case 'DELETE':
        return solutions.delete(target, name);
      default:
        throw notAllowed(method);
    }
  };

  const serveAnalytics = async ({ method, target, query, link }: Call, solution: string): Promise<Answer> => {
    solutions.check(target, solution);
    const [, , analytics, model, part, ...names] = target.rest;
    const base = solutionBase(target, solution);
    if (!is(analytics, 'analyticsModels') || (model !== undefined && !is(model, 'default')))
      throw notThere('resource', target.rest.join('/'));
    // Names of aggregates hold a slash; programs send it encoded or as it is.
    const isDismissal = method === 'POST' && is(names.at(-1), 'dismiss');
    const name = (isDismissal ? names.slice(0, -1) : names).join('/');
    if (is(part, 'aggregatedAlerts')) {
      if (isDismissal) return aggregates.dismiss(base, name);
      if (method !== 'GET') throw notAllowed(method);
      return name === '' ? aggregates.list(base, topOf(query), skipOf(query), link) : aggregates.get(base, name);
    }
    if (method !== 'GET') throw notAllowed(method);
    if (is(part, 'aggregatedRecommendations')) {
      if (name !== '') throw notThere('aggregated recommendation', name);
      return { status: 200, body: { value: [] } };
    }
    if (part !== undefined) throw notThere('resource', target.rest.join('/'));
    const found = await aggregates.model(base);
    return { status: 200, body: model === undefined ? { value: [found] } : found };
  };

  const serveAlerts = ({ method, target, query, request, link }: Call): Promise<Answer> => {
    // Either alerts, or locations/NAME/alerts/...: there is one place.
    const rest = is(target.rest[0], 'locations') ? target.rest.slice(2) : target.rest;
    const [collection, name, action] = rest;
    if (!is(collection, 'alerts')) throw notThere('resource', target.rest.join('/'));
    if (name === undefined && method === 'GET') return alerts.list(target, query.get('$skipToken'), link);
    if (name !== undefined && action === undefined && method === 'GET') return alerts.get(target, name);
    if (name !== undefined && action !== undefined && method === 'POST') return alerts.act(name, action, callerOf(request).userName);
    throw notAllowed(method);
  };

  void app.register(async (scope) => {
    scope.setErrorHandler((error, request, reply) => {
      const refusal = asManagementError(error);
      if (!refusal) parts.log?.(`${request.method} ${request.url} failed: ${error instanceof Error ? error.stack : String(error)}`);
      const { status, code, message } = refusal ?? {
        status: 500,
        code: 'InternalServerError',
        message: `Something failed on the server (request ${request.id}); its log says what.`,
      };
      return reply.code(status).send({ error: { code, message, details: [] } });
    });
    for (const [method, permission] of Object.entries(permissions))
      scope.route({
        method,
        url: `${MANAGEMENT}*`,
        config: { permission },
        bodyLimit: 4 * 1024 * 1024,
        schema: { hide: true },
        handler: async (request: FastifyRequest, reply: FastifyReply) => {
          const { status, body, etag } = await answer(request);
          if (etag !== undefined) void reply.header('etag', etag);
          return reply.code(status).send(body);
        },
      });
  });
}

function notAllowed(method: string): ManagementError {
  return new ManagementError(405, 'MethodNotAllowed', `${method} does not fit this resource.`);
}

function skipOf(query: URLSearchParams): number {
  const skip = Number(query.get('$skipToken') ?? 0);
  if (Number.isInteger(skip) && skip >= 0) return skip;
  throw new ManagementError(
    400,
    'InvalidParameter',
    `The $skipToken ${JSON.stringify(query.get('$skipToken')?.slice(0, 40))} is none: take it from nextLink.`,
  );
}

function topOf(query: URLSearchParams): number | undefined {
  const given = query.get('$top');
  if (given === null) return undefined;
  const top = Number(given);
  if (Number.isInteger(top) && top > 0) return top;
  throw new ManagementError(400, 'InvalidParameter', `$top ${JSON.stringify(given.slice(0, 40))} is no number above 0.`);
}

function conditionsOf({ headers }: FastifyRequest): { ifMatch?: string; ifNoneMatch?: string } {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = headers;
  return { ...(ifMatch === undefined ? {} : { ifMatch }), ...(ifNoneMatch === undefined ? {} : { ifNoneMatch }) };
}
