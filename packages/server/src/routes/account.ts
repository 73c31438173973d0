/** One's own account: the authenticator app, recovery codes and the open sessions. */
import { grantsText } from '@annunciator/core/access';
import { z } from 'zod';
import type { Accounts } from '../accounts/accounts.ts';
import type { User } from '../accounts/account-store.ts';
import type { App } from '../app.ts';
import { type Audit, recordDone, recordRefusals } from '../audit.ts';
import { callerOf, personOf } from '../accounts/authentication.ts';
import { refusalSchema } from '../http/error-answers.ts';
import { grantsSchema, grantViews } from '../accounts/grant-view.ts';
import { passkeySchema, passkeyView } from '../accounts/passkey-schemas.ts';
import { totpUri } from '../accounts/second-factor.ts';
import { openSessionSchema, sessionView } from '../accounts/session-view.ts';
import { sessionId } from '../accounts/sessions.ts';
import { userState } from '../accounts/user-view.ts';

const tags = ['Own account'];
const permission = 'signed-in';
const accountSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    role: z.string().describe('The grants in words'),
    grants: grantsSchema,
    created: z.string(),
    external: z.boolean().describe('Signs in by single sign-on, and has no password or passkey here'),
    secondFactor: z.object({ since: z.string() }).nullable().describe('The authenticator app whose codes are asked for'),
    passkeys: z.array(passkeySchema),
    recoveryCodes: z.number().describe('How many are left'),
  })
  .meta({ id: 'Account' });
const withPassword = z.object({ password: z.string().max(256).describe('Your password, once more') });
const refusals = { 403: refusalSchema, 409: refusalSchema, 422: refusalSchema, 429: refusalSchema };

export function addAccountRoutes(app: App, { accounts, audit }: { accounts: Accounts; audit: Audit }): void {
  const proving = recordRefusals(audit);

  app.get(
    '/api/account',
    { config: { permission }, schema: { tags, summary: 'Your account', response: { 200: accountSchema } } },
    (request) => accountView(accounts.user(callerOf(request).userId)),
  );

  app.post(
    '/api/account/second-factor',
    {
      config: { permission },
      schema: {
        tags,
        summary: 'Begin a second factor: the secret for an authenticator app, to be confirmed within ten minutes',
        body: withPassword,
        response: { ...refusals, 200: z.object({ secret: z.string(), uri: z.string().describe('What a QR code for the app holds') }) },
      },
    },
    async (request) => {
      const user = await proving(request, 'second-factor.refused', () => accounts.checkPassword(personOf(request), request.body.password));
      const secret = accounts.codes.begin(user);
      return { secret, uri: totpUri(secret, user.name) };
    },
  );

  app.post(
    '/api/account/second-factor/confirm',
    {
      config: { permission },
      schema: {
        tags,
        summary: 'Confirm the second factor with a code of the app; recovery codes are made with the first, and shown this once',
        body: z.object({ code: z.string().max(20) }),
        response: { ...refusals, 200: z.object({ recoveryCodes: z.array(z.string()) }) },
      },
    },
    async (request) => {
      const { userId } = personOf(request);
      const before = accounts.user(userId);
      const recoveryCodes = await proving(request, 'second-factor.refused', () => accounts.codes.confirm(userId, request.body.code));
      await recordDone(audit, request, 'second-factor.add', [userId], {
        before: userState(before),
        after: userState(accounts.user(userId)),
      });
      return { recoveryCodes };
    },
  );

  app.post(
    '/api/account/second-factor/remove',
    {
      config: { permission },
      schema: { tags, summary: 'Take your second factor away', body: withPassword, response: { ...refusals, 204: z.null() } },
    },
    async (request, reply) => {
      const before = await proving(request, 'second-factor.refused', () =>
        accounts.checkPassword(personOf(request), request.body.password),
      );
      await accounts.codes.end(before.id);
      const after = accounts.user(before.id);
      await recordDone(audit, request, 'second-factor.remove', [before.id], { before: userState(before), after: userState(after) });
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/api/account/recovery-codes',
    {
      config: { permission },
      schema: {
        tags,
        summary: 'New recovery codes in place of those that are left, shown this once',
        body: withPassword,
        response: { ...refusals, 200: z.object({ recoveryCodes: z.array(z.string()) }) },
      },
    },
    async (request) => {
      const { id, recoveryCodes } = await proving(request, 'recovery-codes.refused', async () => {
        const user = await accounts.checkPassword(personOf(request), request.body.password);
        return { id: user.id, recoveryCodes: await accounts.codes.renew(user.id) };
      });
      await recordDone(audit, request, 'recovery-codes.renew', [id]);
      return { recoveryCodes };
    },
  );

  app.get(
    '/api/account/sessions',
    {
      config: { permission },
      schema: { tags, summary: 'Your open sessions, the newest first', response: { 200: z.array(openSessionSchema) } },
    },
    (request) => {
      const { userId, session } = callerOf(request);
      return accounts.sessions.of(userId).map((one) => sessionView(one, session));
    },
  );

  app.delete(
    '/api/account/sessions/:id',
    {
      config: { permission },
      schema: {
        tags,
        summary: 'End one of your sessions at once',
        params: z.object({ id: z.string().max(100) }),
        response: { 204: z.null(), 404: refusalSchema },
      },
    },
    async (request, reply) => {
      const { userId } = callerOf(request);
      const session = await accounts.sessions.end(userId, request.params.id);
      const details = { session: sessionId(session), from: session.address };
      await recordDone(audit, request, 'session.revoke', [userId], { details });
      return reply.code(204).send(null);
    },
  );

  app.delete(
    '/api/account/sessions',
    {
      config: { permission },
      schema: { tags, summary: 'End all your sessions but this one', response: { 200: z.object({ ended: z.number() }) } },
    },
    async (request) => {
      const { userId, session } = callerOf(request);
      const ended = await accounts.sessions.endAll(userId, session);
      await recordDone(audit, request, 'session.revoke', [userId], { details: { sessions: ended } });
      return { ended };
    },
  );
}

function accountView(user: User): z.infer<typeof accountSchema> {
  const { id, name, grants, external, secondFactor, passkeys, recovery } = user;
  return {
    id,
    name,
    role: grantsText(grants),
    grants: grantViews(grants),
    created: new Date(user.created).toISOString(),
    external: external !== null,
    secondFactor: secondFactor && { since: new Date(secondFactor.since).toISOString() },
    passkeys: passkeys.map(passkeyView),
    recoveryCodes: recovery.length,
  };
}
