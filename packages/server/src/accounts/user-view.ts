/** Users as the API gives them, and as the audit log tells what was changed of them. */
import { grantsText } from '@annunciator/core/access';
import type { AuditState } from '@annunciator/store/audit-log';
import { z } from 'zod';
import type { User } from './account-store.ts';
import { grantsSchema, grantViews } from './grant-view.ts';

export const userSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    grants: grantsSchema,
    created: z.string(),
    lastSignIn: z.string().nullable(),
    passwordIsTemporary: z.boolean(),
    disabled: z.boolean().describe('May not sign in, and tokens do not work'),
    secondFactor: z.boolean().describe('Is asked for a code of an authenticator app beside the password'),
    passkeys: z.number().describe('Passkeys, each of which signs in by itself; one is asked for beside the password'),
    sessions: z.number().describe('Sessions that are open'),
  })
  .meta({ id: 'User' });

export function userView(user: User, sessions: number): z.infer<typeof userSchema> {
  return {
    id: user.id,
    name: user.name,
    grants: grantViews(user.grants),
    created: new Date(user.created).toISOString(),
    lastSignIn: user.lastSignIn === null ? null : new Date(user.lastSignIn).toISOString(),
    passwordIsTemporary: user.passwordIsTemporary,
    disabled: user.disabled,
    secondFactor: user.secondFactor !== null,
    passkeys: user.passkeys.length,
    sessions,
  };
}

/** What the audit log keeps of a user. */
export function userState({ name, grants, disabled, secondFactor, passkeys }: User): AuditState {
  return { name, role: grantsText(grants), disabled, secondFactor: secondFactor !== null, passkeys: passkeys.map((key) => key.name) };
}
