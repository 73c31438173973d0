/** Signing in and out, the session, and one's own password. */
import { type Access, accessOf, actionsEverywhere, actionsOf, grantsText } from '@annunciator/core/access';
import { CONSOLES } from '@annunciator/core/roles';
import { z } from 'zod';
import type { Accounts } from '../accounts/accounts.ts';
import type { App } from '../app.ts';
import { AttemptLimit } from '../accounts/attempt-limit.ts';
import { type Audit, recordDone } from '../audit.ts';
import { callerOf, clearSessionCookie, setSessionCookie } from '../accounts/authentication.ts';
import { refusalSchema } from '../http/error-answers.ts';
import { grantsSchema, grantViews } from '../accounts/grant-view.ts';
import { RequestError } from '../http/request-error.ts';

const sessionSchema = z
  .object({
    user: z.string(),
    console: z.enum(CONSOLES).describe('What it is that one is signed in to'),
    role: z.string().describe('The grants in words'),
    grants: grantsSchema,
    permissions: z.array(z.string()).describe('What the caller may do, everywhere or at the places of the grants'),
    everywhere: z.array(z.string()).describe('What of it the caller may do everywhere'),
    csrfToken: z.string().nullable().describe('Repeat it in x-csrf-token on writes; null for API tokens, which need none'),
    passwordIsTemporary: z.boolean(),
  })
  .meta({ id: 'Session' });

export function addSignInRoutes(app: App, { accounts, audit, secure }: { accounts: Accounts; audit: Audit; secure: boolean }): void {
  const floods = new AttemptLimit({ attempts: 1, windowSeconds: 900 });

  app.post(
    '/api/sign-in',
    {
      config: { permission: 'anyone' },
      schema: {
        tags: ['Sign-in'],
        summary: 'Start a session',
        security: [],
        body: z.object({
          user: z.string().min(1).max(100),
          password: z.string().min(1).max(256),
          code: z.string().max(40).optional().describe('Of the authenticator app, or a recovery code; asked for with code_required'),
        }),
        response: { 200: sessionSchema, 401: refusalSchema, 403: refusalSchema, 429: refusalSchema },
      },
    },
    async (request, reply) => {
      const { user: name, password, code } = request.body;
      const address = request.ip;
      try {
        const agent = request.headers['user-agent'] ?? '';
        const { secret, session, user } = await accounts.signIn(name, password, address, { code, agent });
        setSessionCookie(reply, secret, secure);
        const details = { method: session.method };
        await audit.record({ at: Date.now(), who: user.name, action: 'session.start', on: [user.id], address, details });
        return {
          user: user.name,
          console: accounts.console,
          ...accessView(accessOf(user.grants)),
          csrfToken: session.csrf,
          passwordIsTemporary: user.passwordIsTemporary,
        };
      } catch (error) {
        const reason = error instanceof RequestError ? error.code : 'internal_error';
        // The first step of two is no refusal, and a flood of what is refused anyway is told once.
        if (reason !== 'code_required' && (reason !== 'too_many_attempts' || floods.secondsToWait(address) === 0)) {
          if (reason === 'too_many_attempts') floods.failed(address);
          await audit.record({ at: Date.now(), who: name, action: 'session.refused', on: [], address, details: { reason } });
        }
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
      await recordDone(audit, request, 'session.end', [caller.userId]);
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
        console: accounts.console,
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
      await recordDone(audit, request, 'password.change', [caller.userId]);
      return reply.code(204).send(null);
    },
  );
}

function accessView(access: Access): Pick<z.infer<typeof sessionSchema>, 'role' | 'grants' | 'permissions' | 'everywhere'> {
  return {
    role: access.within ?? grantsText(access.grants),
    grants: grantViews(access.grants),
    permissions: actionsOf(access),
    everywhere: actionsEverywhere(access),
  };
}
