/** Settings of single sign-on, in a file that only its owner should read: it holds the secret between the two. */
import { readFile } from 'node:fs/promises';
import { grantsProblem } from '@annunciator/core/access';
import { type Console, ROLES } from '@annunciator/core/roles';
import { SingleSignOn } from '@annunciator/server/accounts/single-sign-on';
import { z } from 'zod';
import { UsageError } from '../exit-codes.ts';

const name = z.string().min(1).max(100).nullable().default(null);
const settingsSchema = z.strictObject({
  name: z.string().min(1).max(100).default('single sign-on'),
  issuer: z.url(),
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
  scope: z.string().optional(),
  groupsClaim: z.string().optional(),
  nameClaim: z.string().optional(),
  groups: z.array(
    z.strictObject({
      group: z.string().min(1),
      role: z.enum(ROLES),
      site: name,
      zone: name,
      packets: z.boolean().nullable().default(null),
    }),
  ),
});

/** @throws UsageError that says what is wrong with the file */
export async function readSingleSignOn(path: string, console: Console): Promise<SingleSignOn> {
  let given: unknown;
  try {
    given = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`${path} cannot be read as JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
  const { success, data, error } = settingsSchema.safeParse(given);
  if (!success) throw new UsageError(`${path}: ${error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')}.`);
  const problem = grantsProblem(data.groups, console);
  if (problem !== null) throw new UsageError(`${path}: ${problem}`);
  return new SingleSignOn(data);
}
