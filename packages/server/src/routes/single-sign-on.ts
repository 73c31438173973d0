/** Single sign-on: to the provider, and back with a session. */
import { z } from 'zod';
import type { Accounts } from '../accounts/accounts.ts';
import type { App } from '../app.ts';
import type { Audit } from '../audit.ts';
import { setSessionCookie } from '../accounts/authentication.ts';
import { refusalSchema } from '../http/error-answers.ts';
import { RequestError } from '../http/request-error.ts';
import type { SingleSignOn } from '../accounts/single-sign-on.ts';
import { userState } from '../accounts/user-view.ts';

const STATE_COOKIE = 'annunciator-sso';
const tags = ['Sign-in'];
const permission = 'anyone';
const PATH = '/api/sign-in/sso';

export interface SingleSignOnParts {
  readonly accounts: Accounts;
  readonly audit: Audit;
  readonly sso: SingleSignOn | undefined;
  readonly secure: boolean;
}

export function addSingleSignOnRoutes(app: App, { accounts, audit, sso, secure }: SingleSignOnParts): void {
  app.get(
    PATH,
    {
      config: { permission },
      schema: {
        tags,
        summary: 'Whether there is single sign-on, and with whom',
        security: [],
        response: { 200: z.object({ name: z.string().nullable() }) },
      },
    },
    () => ({ name: sso?.name ?? null }),
  );

  app.get(
    `${PATH}/begin`,
    {
      config: { permission },
      schema: {
        tags,
        summary: 'Send the browser to the provider',
        security: [],
        response: { 302: z.null(), 404: refusalSchema, 503: refusalSchema },
      },
    },
    async (request, reply) => {
      const { url, state } = await there().begin(callback(request.host));
      // Lax, since the provider sends the browser back from another site.
      reply.setCookie(STATE_COOKIE, state, { httpOnly: true, sameSite: 'lax', path: PATH, secure, maxAge: 600 });
      return reply.redirect(url);
    },
  );

  app.get(
    `${PATH}/callback`,
    {
      config: { permission },
      schema: {
        tags,
        summary: 'Where the provider sends the browser back to',
        description: 'Starts a session and goes on to the pages; what went wrong is told there, as ?problem=CODE.',
        security: [],
        response: { 302: z.null(), 404: refusalSchema },
      },
    },
    async (request, reply) => {
      const address = new URL(request.url, callback(request.host));
      const origin = { address: request.ip, agent: request.headers['user-agent'] ?? '' };
      reply.clearCookie(STATE_COOKIE, { path: PATH });
      let who = 'unknown';
      try {
        const found = await there().finish(address, request.cookies[STATE_COOKIE] ?? '');
        who = found.name;
        if (found.grants.length === 0)
          throw new RequestError(403, 'no_role', `None of the groups of ${who} has a role here: ask an administrator.`);
        const { secret, user, before } = await accounts.signInExternally(found, origin);
        setSessionCookie(reply, secret, secure);
        const entry = { at: Date.now(), who: user.name, on: [user.id], address: origin.address };
        const after = userState(user);
        if (!before) await audit.record({ ...entry, action: 'user.create', after });
        else if (JSON.stringify(userState(before)) !== JSON.stringify(after))
          await audit.record({ ...entry, action: 'user.change', before: userState(before), after });
        await audit.record({ ...entry, action: 'session.start', details: { method: 'single sign-on' } });
        return reply.redirect('/');
      } catch (error) {
        const reason = error instanceof RequestError ? error.code : 'internal_error';
        const said = error instanceof Error ? error.message : String(error);
        await audit.record({ at: Date.now(), who, action: 'session.refused', on: [], address: origin.address, details: { reason, said } });
        return reply.redirect(`/?${new URLSearchParams({ problem: reason })}`);
      }
    },
  );

  function there(): SingleSignOn {
    if (sso) return sso;
    throw new RequestError(404, 'not_found', 'There is no single sign-on here: sign in with a user name and a password.');
  }

  function callback(host: string): string {
    return `${secure ? 'https' : 'http'}://${host}${PATH}/callback`;
  }
}
