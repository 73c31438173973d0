/** Users and their roles. */
import { accessOf, type Grant, grantsText, includes } from '@annunciator/core/access';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Accounts } from '../accounts.ts';
import type { User } from '../account-store.ts';
import type { App } from '../app.ts';
import type { Audit } from '../audit.ts';
import { callerOf } from '../authentication.ts';
import { refusalSchema } from '../error-answers.ts';
import { grantsSchema, grantViews } from '../grant-view.ts';
import { RequestError } from '../request-error.ts';

const userSchema = z
  .object({ id: z.string(), name: z.string(), grants: grantsSchema, created: z.string(), passwordIsTemporary: z.boolean() })
  .meta({ id: 'User' });
const byId = z.object({ id: z.string().max(100) });
const tags = ['Users'];

export function addUserRoutes(app: App, { accounts, audit }: { accounts: Accounts; audit: Audit }): void {
  app.get(
    '/api/users',
    { config: { permission: 'users.view' }, schema: { tags, summary: 'All users', response: { 200: z.array(userSchema) } } },
    () => accounts.users().map(viewOf),
  );

  app.post(
    '/api/users',
    {
      config: { permission: 'users.edit' },
      schema: {
        tags,
        summary: 'Add a user, with a password for the first sign-in',
        body: z.object({ name: z.string().trim().min(1).max(100), grants: grantsSchema.min(1), password: z.string().max(256) }),
        response: { 201: userSchema, 400: refusalSchema, 403: refusalSchema, 409: refusalSchema, 422: refusalSchema },
      },
    },
    async (request, reply) => {
      checkGiven(request, request.body.grants);
      const user = await accounts.createUser({ ...request.body, temporary: true });
      await audit.record({
        at: Date.now(),
        who: callerOf(request).userName,
        action: 'user.create',
        on: [user.id],
        details: { name: user.name, role: grantsText(user.grants) },
      });
      return reply.code(201).send(viewOf(user));
    },
  );

  app.delete(
    '/api/users/:id',
    {
      config: { permission: 'users.edit' },
      schema: {
        tags,
        summary: 'Remove a user, with sessions and tokens',
        params: byId,
        response: { 204: z.null(), 404: refusalSchema, 409: refusalSchema },
      },
    },
    async (request, reply) => {
      await accounts.removeUser(request.params.id);
      await audit.record({ at: Date.now(), who: callerOf(request).userName, action: 'user.remove', on: [request.params.id] });
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/api/users/:id/reset-password',
    {
      config: { permission: 'users.edit' },
      schema: {
        tags,
        summary: 'Give a user a one-time password; their sessions end',
        params: byId,
        response: { 200: z.object({ password: z.string() }), 404: refusalSchema },
      },
    },
    async (request) => {
      const password = await accounts.resetPassword(request.params.id);
      await audit.record({ at: Date.now(), who: callerOf(request).userName, action: 'password.reset', on: [request.params.id] });
      return { password };
    },
  );
}

/** Nobody can hand out more than they have. */
function checkGiven(request: FastifyRequest, grants: readonly Grant[]): void {
  const { access } = callerOf(request);
  if (includes(access, accessOf(grants))) return;
  const own = grantsText(access.grants);
  throw new RequestError(403, 'role_too_high', `You are ${own}: you cannot make somebody ${grantsText(grants)}.`);
}

function viewOf(user: User): z.infer<typeof userSchema> {
  return {
    id: user.id,
    name: user.name,
    grants: grantViews(user.grants),
    created: new Date(user.created).toISOString(),
    passwordIsTemporary: user.passwordIsTemporary,
  };
}
