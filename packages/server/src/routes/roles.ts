/** The roles that there are, and what each may do: what core's table says. */
import { ACTIONS, type Console, highestRole, mayHere, meaningOf, rolesOf, standingOf } from '@annunciator/core/roles';
import { z } from 'zod';
import type { App } from '../app.ts';

const rolesSchema = z
  .object({
    roles: z.array(z.object({ name: z.string(), highest: z.boolean().describe('May do everything'), actions: z.array(z.string()) })),
    actions: z.array(
      z.object({
        name: z.string(),
        meaning: z.string(),
        atPlace: z.boolean().describe('Can be granted for a site or zone; others are for the whole system'),
      }),
    ),
  })
  .meta({ id: 'Roles' });

export function addRoleRoute(app: App, { console }: { console: Console }): void {
  app.get(
    '/api/roles',
    {
      config: { permission: 'signed-in' },
      schema: { tags: ['Users'], summary: 'The roles, and what each may do', response: { 200: rolesSchema } },
    },
    () => ({
      roles: rolesOf(console).map((name) => ({
        name,
        highest: name === highestRole(console),
        actions: ACTIONS.filter((action) => mayHere(name, action)),
      })),
      actions: ACTIONS.map((name) => ({ name, meaning: meaningOf(name), atPlace: standingOf(name) === 'placed' })),
    }),
  );
}
