/** Which categories the diagnostics log keeps, as back ends with the rights of the owner choose. */
import type { HubOperationName } from '@annunciator/rules/hub-operation';
import type { Deed } from '../core/context.ts';
import type { Hub } from '../core/hub.ts';
import { HubError } from '../hub-error.ts';
import { type Answer, type HubRequest, json, NO_CONTENT } from './request.ts';
import type { Route } from './router.ts';
import { callingService } from './service-routes.ts';

const BODY_BYTES = 16 * 1024;

export function diagnosticRoutes(hub: Hub): Route[] {
  const { diagnostics } = hub;
  const deed = (operation: HubOperationName<'DiagnosticSettings'>): Deed => ({ category: 'DiagnosticSettings', operation, target: null });

  const list = async (request: HubRequest): Promise<Answer> =>
    json({ value: await diagnostics.list(await callingService(hub, request, deed('get'))) });

  const put = async (request: HubRequest): Promise<Answer> => {
    const caller = await callingService(hub, request, deed('update'));
    const categories = await hub.context.attempt(caller, deed('update'), async () => {
      const { categories: given } = await request.object(BODY_BYTES);
      if (!Array.isArray(given) || !given.every((one) => typeof one === 'string'))
        throw new HubError('ArgumentInvalid', 'categories must be a list of categories to keep.');
      return given;
    });
    return json(await diagnostics.put(caller, request.parameter('name'), categories));
  };

  const remove = async (request: HubRequest): Promise<Answer> => {
    await diagnostics.delete(await callingService(hub, request, deed('delete')), request.parameter('name'));
    return NO_CONTENT;
  };

  return [
    { method: 'GET', path: '/diagnosticSettings', handle: list },
    { method: 'PUT', path: '/diagnosticSettings/:name', handle: put },
    { method: 'DELETE', path: '/diagnosticSettings/:name', handle: remove },
  ];
}
