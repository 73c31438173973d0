/** API tokens of one's own. */
import { lowestRole } from '@annunciator/core/roles';
import type { AuditState } from '@annunciator/store/audit-log';
import { z } from 'zod';
import type { Accounts } from '../accounts/accounts.ts';
import type { Token } from '../accounts/account-store.ts';
import type { App } from '../app.ts';
import { type Audit, recordDone } from '../audit.ts';
import { callerOf } from '../accounts/authentication.ts';
import { refusalSchema } from '../http/error-answers.ts';
import { roleSchema } from '../accounts/grant-view.ts';

const DAY = 86_400_000;
const tokenSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    role: roleSchema.describe('What it may do at most; never more than its user may'),
    created: z.string(),
    expires: z.string().nullable(),
    lastUsed: z.string().nullable(),
  })
  .meta({ id: 'Token' });
const tags = ['API tokens'];

export function addTokenRoutes(app: App, { accounts, audit }: { accounts: Accounts; audit: Audit }): void {
  app.get(
    '/api/tokens',
    { config: { permission: 'tokens.edit' }, schema: { tags, summary: 'Your tokens', response: { 200: z.array(tokenSchema) } } },
    (request) => accounts.tokens.of(callerOf(request).userId).map(viewOf),
  );

  app.post(
    '/api/tokens',
    {
      config: { permission: 'tokens.edit' },
      schema: {
        tags,
        summary: 'Make a token; its secret is shown this once',
        body: z.object({
          name: z.string().trim().min(1).max(100),
          role: roleSchema.optional().describe('The role that may only look, when absent'),
          days: z.number().int().min(1).max(3650).nullable().default(90).describe('Days until it expires; null for never'),
        }),
        response: { 201: tokenSchema.extend({ token: z.string() }), 403: refusalSchema },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { name, role = lowestRole(accounts.console), days } = request.body;
      const { token, secret } = await accounts.tokens.create(caller, {
        name,
        role,
        expires: days === null ? null : Date.now() + days * DAY,
      });
      await recordDone(audit, request, 'token.create', [token.id], { after: stateOf(token) });
      return reply.code(201).send({ ...viewOf(token), token: secret });
    },
  );

  app.delete(
    '/api/tokens/:id',
    {
      config: { permission: 'tokens.edit' },
      schema: {
        tags,
        summary: 'Revoke a token at once',
        params: z.object({ id: z.string().max(100) }),
        response: { 204: z.null(), 404: refusalSchema },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const token = await accounts.tokens.revoke(caller.userId, request.params.id);
      await recordDone(audit, request, 'token.revoke', [token.id], { before: stateOf(token) });
      return reply.code(204).send(null);
    },
  );
}

function stateOf({ name, role, expires }: Token): AuditState {
  return { name, role, expires: expires === null ? null : new Date(expires).toISOString() };
}

function viewOf(token: Token): z.infer<typeof tokenSchema> {
  const iso = (milliseconds: number | null) => (milliseconds === null ? null : new Date(milliseconds).toISOString());
  return {
    id: token.id,
    name: token.name,
    role: token.role,
    created: new Date(token.created).toISOString(),
    expires: iso(token.expires),
    lastUsed: iso(token.lastUsed),
  };
}
