/** Signing in and out, the session, and one's own password. */
import { type Access, accessOf, actionsEverywhere, actionsOf, grantsText } from '@annunciator/core/access';
import { CONSOLES } from '@annunciator/core/roles';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Accounts, hasToChange } from '../accounts/accounts.ts';
import type { Session as StoredSession, User } from '../accounts/account-store.ts';
import type { App } from '../app.ts';
import { AttemptLimit } from '../accounts/attempt-limit.ts';
import { type Audit, recordDone, recordRefusals } from '../audit.ts';
import { callerOf, clearSessionCookie, setSessionCookie } from '../accounts/authentication.ts';
import { refusalSchema } from '../http/error-answers.ts';
import { grantsSchema, grantViews } from '../accounts/grant-view.ts';
import { askSchema, keyUseSchema } from '../accounts/passkey-schemas.ts';
import type { PasskeyAnswer } from '../accounts/passkeys.ts';
import { isCodeOfApp } from '../accounts/second-factor.ts';
import { RequestError } from '../http/request-error.ts';
import { namedPlace, PATIENCE, placeOf } from '../accounts/webauthn.ts';

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

const askedSchema = refusalSchema.extend({
  passkey: z.boolean().optional().describe('With code_required and passkey_required: a passkey can be used here'),
});
const refusals = { 200: sessionSchema, 401: refusalSchema, 403: refusalSchema, 429: refusalSchema };
/** Says which sign-in by passkey this browser began. */
const TICKET_COOKIE = 'annunciator-passkey';

export function addSignInRoutes(app: App, { accounts, audit, secure }: { accounts: Accounts; audit: Audit; secure: boolean }): void {
  const floods = new AttemptLimit({ attempts: 1, windowSeconds: 900 });
  const proving = recordRefusals(audit);
  const ticketPlace = { path: '/api/sign-in', secure };

  /** A session for whoever proves who they are; both that and a refusal go to the audit log. */
  const begin = async (
    request: FastifyRequest,
    reply: FastifyReply,
    who: string,
    prove: () => Promise<{ secret: string; session: StoredSession; user: User }>,
    code?: string,
  ): Promise<z.infer<typeof sessionSchema>> => {
    const address = request.ip;
    try {
      const { secret, session, user } = await prove();
      setSessionCookie(reply, secret, secure);
      const details = { method: session.method };
      await audit.record({ at: Date.now(), who: user.name, action: 'session.start', on: [user.id], address, details });
      return {
        user: user.name,
        console: accounts.console,
        ...accessView(accessOf(user.grants)),
        csrfToken: session.csrf,
        passwordIsTemporary: hasToChange(user, session),
      };
    } catch (error) {
      const reason = error instanceof RequestError ? error.code : 'internal_error';
      // A flood of what is refused anyway is told once.
      if (!FIRST_STEPS.has(reason) && (reason !== 'too_many_attempts' || floods.secondsToWait(address) === 0)) {
        if (reason === 'too_many_attempts') floods.failed(address);
        const said = error instanceof RequestError && reason === 'passkey_refused' ? { said: error.message } : {};
        const by = reason === 'wrong_code' && code !== undefined ? { code: isCodeOfApp(code) ? 'of the app' : 'for recovery' } : {};
        await audit.record({ at: Date.now(), who, action: 'session.refused', on: [], address, details: { reason, ...by, ...said } });
      }
      throw error;
    }
  };

  /** The answer of a passkey with the ticket of this browser, which is good once. */
  const answerOf = (request: FastifyRequest, reply: FastifyReply, response: PasskeyAnswer['response']): PasskeyAnswer => {
    reply.clearCookie(TICKET_COOKIE, ticketPlace);
    return { place: placeOf(request.host, secure), ticket: request.cookies[TICKET_COOKIE] ?? '', response };
  };

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
          passkey: keyUseSchema.optional().describe('Answers POST /api/sign-in/passkey/options; asked for with passkey_required'),
        }),
        response: { ...refusals, 401: askedSchema },
      },
    },
    (request, reply) => {
      const { user, password, code, passkey } = request.body;
      const host = namedPlace(request.host, secure)?.host;
      const agent = agentOf(request);
      return begin(
        request,
        reply,
        user,
        () => accounts.signIn(user, password, request.ip, { code, agent, host, passkey: passkey && answerOf(request, reply, passkey) }),
        code,
      );
    },
  );

  app.post(
    '/api/sign-in/passkey/options',
    {
      config: { permission: 'anyone' },
      schema: {
        tags: ['Sign-in'],
        summary: 'Begin a sign-in by passkey: what the browser is asked for, to be answered within five minutes',
        security: [],
        response: { 200: askSchema, 409: refusalSchema },
      },
    },
    async (request, reply) => {
      const { options, ticket } = await accounts.passkeys.beginSignIn(request.ip, placeOf(request.host, secure));
      reply.setCookie(TICKET_COOKIE, ticket, { ...ticketPlace, httpOnly: true, sameSite: 'strict', maxAge: PATIENCE / 1000 });
      return { ...options };
    },
  );

  app.post(
    '/api/sign-in/passkey',
    {
      config: { permission: 'anyone' },
      schema: {
        tags: ['Sign-in'],
        summary: 'Start a session with a passkey alone',
        security: [],
        body: keyUseSchema,
        response: { ...refusals, 409: refusalSchema },
      },
    },
    (request, reply) =>
      begin(request, reply, accounts.passkeys.ownerOf(request.body)?.name ?? 'unknown', async () =>
        accounts.signInByPasskey(answerOf(request, reply, request.body), { address: request.ip, agent: agentOf(request) }),
      ),
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
        response: { 204: z.null(), 403: refusalSchema, 409: refusalSchema, 422: refusalSchema },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      await proving(request, 'password.refused', () => accounts.changePassword(caller, request.body.current, request.body.next));
      await recordDone(audit, request, 'password.change', [caller.userId]);
      return reply.code(204).send(null);
    },
  );
}

/** The first step of two is no refusal. */
const FIRST_STEPS: ReadonlySet<string> = new Set(['code_required', 'passkey_required']);

function agentOf(request: FastifyRequest): string {
  return request.headers['user-agent'] ?? '';
}

function accessView(access: Access): Pick<z.infer<typeof sessionSchema>, 'role' | 'grants' | 'permissions' | 'everywhere'> {
  return {
    role: access.within ?? grantsText(access.grants),
    grants: grantViews(access.grants),
    permissions: actionsOf(access),
    everywhere: actionsEverywhere(access),
  };
}
