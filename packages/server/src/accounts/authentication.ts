/**
 * Who asks, and whether they may: one hook before every route of the API.
 *
 * A browser shows a session cookie and, on writes, the session's CSRF token in `x-csrf-token`; a program shows
 * `Authorization: Bearer <token>`. Every route under /api states its permission, or the server does not start.
 */
import { grantsText, isNowhere, reachOf } from '@annunciator/core/access';
import type { Action } from '@annunciator/core/roles';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sameSecret } from './account-state.ts';
import type { Session } from './account-store.ts';
import type { Accounts, Caller } from './accounts.ts';
import { AttemptLimit } from './attempt-limit.ts';
import type { Audit } from '../audit.ts';
import { RequestError } from '../http/request-error.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The action of core's role table; or open to anyone, or to everybody who is signed in. */
    permission?: Action | 'anyone' | 'signed-in';
    /**
     * The route shows and changes only what stands where the caller may do so (`reach.ts`). Without it the route is for
     * callers who may do it everywhere, so that a route that forgets about places shows nothing to the others.
     */
    byPlace?: boolean;
    /** Open to somebody who has to change a temporary password first. */
    beforePasswordChange?: boolean;
  }
  interface FastifyRequest {
    caller: Caller | null;
  }
}

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The use of a token is audited once for a token and an address in this time, and so is what is refused from an address. */
const AUDITED_EVERY = 3600;

export interface AuthenticationOptions {
  readonly accounts: Accounts;
  readonly audit: Audit;
  readonly secure: boolean;
}

export function addAuthentication(app: FastifyInstance, options: AuthenticationOptions): void {
  const audited = new AttemptLimit({ attempts: 1, windowSeconds: AUDITED_EVERY });
  /** Records an entry about a token if there was none like it for an hour. */
  const note = async (request: FastifyRequest, action: string, who: string, on: readonly string[]): Promise<void> => {
    const key = [action, request.ip, ...on].join(' ');
    if (audited.secondsToWait(key) > 0) return;
    audited.failed(key);
    await options.audit.record({ at: Date.now(), who, action, on, address: request.ip });
  };
  app.decorateRequest('caller', null);
  app.addHook('onRoute', (route) => {
    if (route.url.startsWith('/api/') && !route.config?.permission) {
      throw new Error(`The route ${route.url} states no permission: give it one in its config.`);
    }
  });
  app.addHook('onRequest', async (request) => {
    const config = request.routeOptions.config;
    const permission = config.permission;
    if (!permission) return;
    checkOrigin(request);
    const caller = await callerOfRequest(request, options, note);
    request.caller = caller ?? null;
    if (permission === 'anyone') return;
    if (!caller) throw new RequestError(401, 'not_signed_in', 'Sign in first: there is no session, or it has ended.');
    if (caller.passwordIsTemporary && !config.beforePasswordChange) {
      throw new RequestError(403, 'password_change_required', 'Set a password of your own first: this one is for the first sign-in only.');
    }
    if (permission !== 'signed-in') requirePermission(request, permission);
    if (caller.session && !READS.has(request.method)) {
      const given = request.headers['x-csrf-token'];
      if (typeof given !== 'string' || !sameSecret(given, caller.session.csrf)) {
        throw new RequestError(
          403,
          'csrf_token_wrong',
          'The x-csrf-token header is missing or not of this session: reload the page, or read it from GET /api/session.',
        );
      }
    }
  });
}

/** Refuses a caller who may do an action nowhere, or in places only where the route does not know about places. */
export function requirePermission(request: FastifyRequest, permission: Action): void {
  const { access } = callerOf(request);
  const reach = reachOf(access, permission);
  const own = access.within === null ? grantsText(access.grants) : `a token with the role ${access.within} of ${grantsText(access.grants)}`;
  if (isNowhere(reach))
    throw new RequestError(403, 'not_permitted', `You are ${own}, which does not include this. Ask an Owner for another role.`);
  if (reach !== 'everything' && request.routeOptions.config.byPlace !== true)
    throw new RequestError(
      403,
      'not_permitted',
      `You are ${own}, and this concerns the whole system. Ask an Owner for a role for everything.`,
    );
}

/** The caller of a route that is not open to anyone. */
export function callerOf(request: FastifyRequest): Caller {
  if (!request.caller) throw new RequestError(401, 'not_signed_in', 'Sign in first: there is no session, or it has ended.');
  return request.caller;
}

/** How somebody signs in is for them to change at a browser, not for a program with a token. */
export function personOf(request: FastifyRequest): Caller & { readonly session: Session } {
  const caller = callerOf(request);
  const { session } = caller;
  if (session) return { ...caller, session };
  throw new RequestError(403, 'not_permitted', 'A token cannot change how its user signs in: sign in with a browser.');
}

/** The `__Host-` prefix binds the cookie to this host over HTTPS; plain HTTP exists on the loopback address only. */
export function cookieName(secure: boolean): string {
  return secure ? '__Host-annunciator' : 'annunciator';
}

export function setSessionCookie(reply: FastifyReply, secret: string, secure: boolean): void {
  reply.setCookie(cookieName(secure), secret, { httpOnly: true, sameSite: 'strict', path: '/', secure });
}

export function clearSessionCookie(reply: FastifyReply, secure: boolean): void {
  reply.clearCookie(cookieName(secure), { httpOnly: true, sameSite: 'strict', path: '/', secure });
}

/** The caller of an open request as things stand now; undefined when the session, token or user has ended since. */
export function callerNow(request: FastifyRequest, accounts: Accounts): Caller | undefined {
  const [, token] = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (token !== undefined) return accounts.callerOfToken(token);
  const secret = request.cookies[cookieName(request.protocol === 'https')];
  return secret === undefined ? undefined : accounts.callerOfSession(secret);
}

async function callerOfRequest(
  request: FastifyRequest,
  { accounts, secure }: AuthenticationOptions,
  note: (request: FastifyRequest, action: string, who: string, on: readonly string[]) => Promise<void>,
): Promise<Caller | undefined> {
  const authorization = request.headers.authorization;
  if (authorization !== undefined) {
    const [, secret] = /^Bearer\s+(\S+)$/i.exec(authorization) ?? [];
    const caller = secret === undefined ? undefined : accounts.callerOfToken(secret);
    if (!caller) {
      await note(request, 'token.refused', 'unknown', []);
      throw new RequestError(
        401,
        'token_invalid',
        'The API token is unknown, revoked or expired: create one under API tokens and send it as "Authorization: Bearer <token>".',
      );
    }
    await note(request, 'token.use', caller.userName, [caller.token.id]);
    return caller;
  }
  const secret = request.cookies[cookieName(secure)];
  return secret === undefined ? undefined : accounts.callerOfSession(secret);
}

/** A browser tells the origin of each write: another origin than ours is refused, whatever cookie comes along. */
function checkOrigin(request: FastifyRequest): void {
  const origin = request.headers.origin;
  if (origin === undefined || READS.has(request.method)) return;
  if (URL.parse(origin)?.host !== request.host) {
    throw new RequestError(403, 'origin_not_allowed', `Requests from ${origin} are refused: open the portal under its own address.`);
  }
}
