/** Users: who there is, what they were granted, and their sessions. */
import { accessOf, type Grant, grantsProblem, grantsText, includes } from '@annunciator/core/access';
import type { Console } from '@annunciator/core/roles';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Accounts } from '../accounts/accounts.ts';
import type { User } from '../accounts/account-store.ts';
import type { App } from '../app.ts';
import { type Audit, recordDone } from '../audit.ts';
import { callerOf } from '../accounts/authentication.ts';
import { refusalSchema } from '../http/error-answers.ts';
import { grantsSchema } from '../accounts/grant-view.ts';
import { oneTimePassword } from '../accounts/passwords.ts';
import { RequestError } from '../http/request-error.ts';
import { openSessionSchema, sessionView } from '../accounts/session-view.ts';
import { userSchema, userState, userView } from '../accounts/user-view.ts';

const params = z.object({ id: z.string().max(100) });
const name = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}]+$/u, 'a name has no control characters');
const tags = ['Users'];
const refusals = { 400: refusalSchema, 403: refusalSchema, 404: refusalSchema, 409: refusalSchema };

export function addUserRoutes(app: App, { accounts, audit }: { accounts: Accounts; audit: Audit }): void {
  const view = (user: User): z.infer<typeof userSchema> => userView(user, accounts.sessions.of(user.id).length);

  app.get(
    '/api/users',
    { config: { permission: 'users.view' }, schema: { tags, summary: 'All users', response: { 200: z.array(userSchema) } } },
    () => accounts.users().map(view),
  );

  app.get(
    '/api/users/:id',
    {
      config: { permission: 'users.view' },
      schema: { tags, summary: 'One user', params, response: { 200: userSchema, 404: refusalSchema } },
    },
    (request) => view(accounts.user(request.params.id)),
  );

  app.post(
    '/api/users',
    {
      config: { permission: 'users.edit' },
      schema: {
        tags,
        summary: 'Add a user, with a password for the first sign-in',
        body: z.object({
          name,
          grants: grantsSchema.min(1),
          password: z.string().max(256).optional().describe('One is made when absent'),
        }),
        response: {
          ...refusals,
          201: userSchema.extend({ password: z.string().nullable().describe('The password that was made, shown this once') }),
          422: refusalSchema,
        },
      },
    },
    async (request, reply) => {
      const { password, ...given } = request.body;
      checkGiven(request, given.grants, accounts.console);
      const made = password === undefined ? oneTimePassword() : null;
      const user = await accounts.createUser({ ...given, password: made ?? password ?? '', temporary: true });
      await recordDone(audit, request, 'user.create', [user.id], { after: userState(user) });
      return reply.code(201).send({ ...view(user), password: made });
    },
  );

  app.patch(
    '/api/users/:id',
    {
      config: { permission: 'users.edit' },
      schema: {
        tags,
        summary: 'Rename a user, change the grants, disable or enable',
        description: 'It holds at once, for open sessions and tokens, too. Disabling ends the sessions.',
        params,
        body: z.object({ name: name.optional(), grants: grantsSchema.min(1).optional(), disabled: z.boolean().optional() }),
        response: { ...refusals, 200: userSchema },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { body } = request;
      if (body.grants) checkGiven(request, body.grants, accounts.console);
      if (body.disabled && id === callerOf(request).userId)
        throw new RequestError(409, 'own_user', 'You cannot disable yourself: ask somebody else to.');
      const { before, after } = await accounts.changeUser(id, body);
      await recordDone(audit, request, 'user.change', [id], { before: userState(before), after: userState(after) });
      return view(after);
    },
  );

  app.delete(
    '/api/users/:id',
    {
      config: { permission: 'users.edit' },
      schema: { tags, summary: 'Remove a user, with sessions and tokens', params, response: { ...refusals, 204: z.null() } },
    },
    async (request, reply) => {
      const user = await accounts.removeUser(request.params.id);
      await recordDone(audit, request, 'user.remove', [user.id], { before: userState(user) });
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
        params,
        response: { 200: z.object({ password: z.string() }), 404: refusalSchema },
      },
    },
    async (request) => {
      const user = accounts.user(request.params.id);
      const password = await accounts.resetPassword(user.id);
      await recordDone(audit, request, 'password.reset', [user.id], { details: { user: user.name } });
      return { password };
    },
  );

  app.delete(
    '/api/users/:id/second-factor',
    {
      config: { permission: 'users.edit' },
      schema: {
        tags,
        summary: 'Take the authenticator app of somebody away who lost theirs',
        params,
        response: { 204: z.null(), 404: refusalSchema, 409: refusalSchema },
      },
    },
    async (request, reply) => {
      const before = accounts.user(request.params.id);
      await accounts.codes.end(before.id);
      const after = accounts.user(before.id);
      await recordDone(audit, request, 'second-factor.remove', [before.id], { before: userState(before), after: userState(after) });
      return reply.code(204).send(null);
    },
  );

  app.delete(
    '/api/users/:id/passkeys',
    {
      config: { permission: 'users.edit' },
      schema: {
        tags,
        summary: 'Remove all passkeys of somebody who lost theirs',
        params,
        response: { 200: z.object({ removed: z.number() }), 404: refusalSchema, 409: refusalSchema },
      },
    },
    async (request) => {
      const before = accounts.user(request.params.id);
      const removed = await accounts.passkeys.removeAll(before.id);
      const after = userState(accounts.user(before.id));
      await recordDone(audit, request, 'passkey.remove', [before.id], { details: { passkeys: removed }, before: userState(before), after });
      return { removed };
    },
  );

  app.get(
    '/api/users/:id/sessions',
    {
      config: { permission: 'users.view' },
      schema: { tags, summary: 'Open sessions of a user', params, response: { 200: z.array(openSessionSchema), 404: refusalSchema } },
    },
    (request) => {
      const { session } = callerOf(request);
      return accounts.sessions.of(accounts.user(request.params.id).id).map((one) => sessionView(one, session));
    },
  );

  app.delete(
    '/api/users/:id/sessions',
    {
      config: { permission: 'users.edit' },
      schema: {
        tags,
        summary: 'End all sessions of a user',
        params,
        response: { 200: z.object({ ended: z.number() }), 404: refusalSchema },
      },
    },
    async (request) => {
      const user = accounts.user(request.params.id);
      const ended = await accounts.sessions.endAll(user.id, null);
      await recordDone(audit, request, 'session.revoke', [user.id], { details: { user: user.name, sessions: ended } });
      return { ended };
    },
  );
}

/** Nobody can hand out more than they have. */
function checkGiven(request: FastifyRequest, grants: readonly Grant[], console: Console): void {
  const problem = grantsProblem(grants, console);
  if (problem !== null) throw new RequestError(400, 'bad_request', problem);
  const { access } = callerOf(request);
  if (includes(access, accessOf(grants))) return;
  const own = grantsText(access.grants);
  throw new RequestError(403, 'role_too_high', `You are ${own}: you cannot make somebody ${grantsText(grants)}.`);
}
