/** Grants as the API gives and takes them. */
import type { Grant } from '@annunciator/core/access';
import { ROLES } from '@annunciator/core/roles';
import { z } from 'zod';

const name = z.string().trim().min(1).max(100).nullable().default(null);

export const roleSchema = z.enum(ROLES);

export const grantSchema = z
  .object({
    role: roleSchema,
    site: name.describe('null for everything'),
    zone: name.describe('null for all zones of the site'),
    packets: z.boolean().nullable().default(null).describe('Whether it includes the packets of alerts; null leaves that to the role'),
  })
  .meta({ id: 'Grant' });
export const grantsSchema = z.array(grantSchema).max(100);

export function grantViews(grants: readonly Grant[]): z.infer<typeof grantsSchema> {
  return grants.map((grant) => ({ ...grant }));
}
