/** One's own passkeys: added, named, removed. */
import { z } from 'zod';
import type { Accounts } from '../accounts/accounts.ts';
import type { App } from '../app.ts';
import { type Audit, recordDone, recordRefusals } from '../audit.ts';
import { personOf } from '../accounts/authentication.ts';
import { askSchema, newKeySchema, passkeyName, passkeySchema, passkeyView } from '../accounts/passkey-schemas.ts';
import { userState } from '../accounts/user-view.ts';
import { placeOf } from '../accounts/webauthn.ts';
import { refusalSchema } from '../http/error-answers.ts';

const tags = ['Own account'];
const permission = 'signed-in';
const REFUSED = 'passkey.refused';
const params = z.object({ id: z.string().max(100) });
const password = z.string().max(256).describe('Your password, once more');
const refusals = { 403: refusalSchema, 404: refusalSchema, 409: refusalSchema, 422: refusalSchema, 429: refusalSchema };

export function addPasskeyRoutes(app: App, { accounts, audit, secure }: { accounts: Accounts; audit: Audit; secure: boolean }): void {
  const proving = recordRefusals(audit);

  app.post(
    '/api/account/passkeys/options',
    {
      config: { permission },
      schema: {
        tags,
        summary: 'Begin a passkey: what the browser is asked for, to be answered within five minutes',
        body: z.object({ password }),
        response: { ...refusals, 200: askSchema },
      },
    },
    async (request) => {
      const caller = personOf(request);
      const place = placeOf(request.host, secure);
      return proving(request, REFUSED, async () => {
        const user = await accounts.checkPassword(caller, request.body.password);
        return { ...(await accounts.passkeys.beginAdding(user, caller.session, place)) };
      });
    },
  );

  app.post(
    '/api/account/passkeys',
    {
      config: { permission },
      schema: {
        tags,
        summary: 'Add the passkey that was begun; recovery codes are made with the first, and shown this once',
        body: z.object({ name: passkeyName, response: newKeySchema }),
        response: { ...refusals, 201: z.object({ passkey: passkeySchema, recoveryCodes: z.array(z.string()) }) },
      },
    },
    async (request, reply) => {
      const { session, userId } = personOf(request);
      const place = placeOf(request.host, secure);
      const before = userState(accounts.user(userId));
      const { passkey, recoveryCodes } = await proving(request, REFUSED, () => accounts.passkeys.add(session, { ...request.body, place }));
      const after = userState(accounts.user(userId));
      const details = { passkey: passkey.name, host: passkey.host };
      await recordDone(audit, request, 'passkey.add', [userId], { details, before, after });
      return reply.code(201).send({ passkey: passkeyView(passkey), recoveryCodes });
    },
  );

  app.patch(
    '/api/account/passkeys/:id',
    {
      config: { permission },
      schema: {
        tags,
        summary: 'Rename a passkey of yours',
        params,
        body: z.object({ name: passkeyName }),
        response: { ...refusals, 200: passkeySchema },
      },
    },
    async (request) => {
      const { userId } = personOf(request);
      const before = userState(accounts.user(userId));
      const passkey = await accounts.passkeys.rename(userId, request.params.id, request.body.name);
      await recordDone(audit, request, 'passkey.rename', [userId], { before, after: userState(accounts.user(userId)) });
      return passkeyView(passkey);
    },
  );

  app.post(
    '/api/account/passkeys/:id/remove',
    {
      config: { permission },
      schema: {
        tags,
        summary: 'Remove a passkey of yours',
        params,
        body: z.object({ password }),
        response: { ...refusals, 204: z.null() },
      },
    },
    async (request, reply) => {
      const before = await proving(request, REFUSED, () => accounts.checkPassword(personOf(request), request.body.password));
      const passkey = await accounts.passkeys.remove(before.id, request.params.id);
      const after = userState(accounts.user(before.id));
      const details = { passkey: passkey.name, host: passkey.host };
      await recordDone(audit, request, 'passkey.remove', [before.id], { details, before: userState(before), after });
      return reply.code(204).send(null);
    },
  );
}
