/** Signing in and out, the session, and one's own password. */
import { type Access, accessOf, actionsOf, grantsText } from '@annunciator/core/access';
import { z } from 'zod';
import type { Accounts } from '../accounts.ts';
import type { App } from '../app.ts';
import type { Audit } from '../audit.ts';
import { callerOf, clearSessionCookie, setSessionCookie } from '../authentication.ts';
import { refusalSchema } from '../error-answers.ts';
import { grantsSchema, grantViews } from '../grant-view.ts';

const sessionSchema = z
  .object({
    user: z.string(),
    role: z.string().describe('The grants in words'),
    grants: grantsSchema,
    permissions: z.array(z.string()).describe('What the caller may do, everywhere or at the places of the grants'),
    csrfToken: z.string().nullable().describe('Repeat it in x-csrf-token on writes; null for API tokens, which need none'),
    passwordIsTemporary: z.boolean(),
  })
  .meta({ id: 'Session' });

export function addSignInRoutes(app: App, { accounts, audit, secure }: { accounts: Accounts; audit: Audit; secure: boolean }): void {
  app.post(
    '/api/sign-in',
    {
      config: { permission: 'anyone' },
      schema: {
        tags: ['Sign-in'],
        summary: 'Start a session',
        security: [],
        body: z.object({ user: z.string().min(1).max(100), password: z.string().min(1).max(256) }),
        response: { 200: sessionSchema, 401: refusalSchema, 429: refusalSchema },
      },
    },
    async (request, reply) => {
      const { user: name, password } = request.body;
      try {
        const { secret, session, user } = await accounts.signIn(name, password, request.ip);
        setSessionCookie(reply, secret, secure);
        await audit.record({ at: Date.now(), who: user.name, action: 'session.start', on: [user.id], details: { address: request.ip } });
        return {
          user: user.name,
          ...accessView(accessOf(user.grants)),
          csrfToken: session.csrf,
          passwordIsTemporary: user.passwordIsTemporary,
        };
      } catch (error) {
        await audit.record({ at: Date.now(), who: name, action: 'session.refused', on: [], details: { address: request.ip } });
        throw error;
      }
    },
  );

  app.post(
    '/api/sign-out',
    {
      config: { permission: 'signed-in', beforePasswordChange: true },
      schema: { tags: ['Sign-in'], summary: 'End the session', response: { 204: z.null() } },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      if (caller.session) await accounts.signOut(caller.session);
      clearSessionCookie(reply, secure);
      await audit.record({ at: Date.now(), who: caller.userName, action: 'session.end', on: [caller.userId] });
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/api/session',
    {
      config: { permission: 'signed-in', beforePasswordChange: true },
      schema: { tags: ['Sign-in'], summary: 'Who is signed in', response: { 200: sessionSchema, 401: refusalSchema } },
    },
    (request) => {
      const caller = callerOf(request);
      return {
        user: caller.userName,
        ...accessView(caller.access),
        csrfToken: caller.session?.csrf ?? null,
        passwordIsTemporary: caller.passwordIsTemporary,
      };
    },
  );

  app.post(
    '/api/password',
    {
      config: { permission: 'signed-in', beforePasswordChange: true },
      schema: {
        tags: ['Sign-in'],
        summary: 'Change your password; other sessions of yours end',
        body: z.object({ current: z.string().max(256), next: z.string().max(256) }),
        response: { 204: z.null(), 403: refusalSchema, 422: refusalSchema },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      await accounts.changePassword(caller, request.body.current, request.body.next);
      await audit.record({ at: Date.now(), who: caller.userName, action: 'password.change', on: [caller.userId] });
      return reply.code(204).send(null);
    },
  );
}

function accessView(access: Access): Pick<z.infer<typeof sessionSchema>, 'role' | 'grants' | 'permissions'> {
  return { role: access.within ?? grantsText(access.grants), grants: grantViews(access.grants), permissions: actionsOf(access) };
}
