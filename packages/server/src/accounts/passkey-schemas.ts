/** Passkeys as the API gives them, and the JSON of Web Authentication (Level 3, 5.1) as browsers send it. */
import type { Passkey } from '@annunciator/store/accounts';
import { z } from 'zod';

/** Longer than any authenticator's, shorter than the limit of a body. */
const bytes = z
  .string()
  .max(20_000)
  .regex(/^[A-Za-z0-9_-]*$/, 'is not base64url');
const credential = {
  id: bytes.min(1).max(1400).describe('Credential ID'),
  rawId: bytes.min(1).max(1400),
  type: z.literal('public-key'),
  clientExtensionResults: z.object({}).default({}),
};

export const newKeySchema = z
  .object({
    ...credential,
    response: z.object({
      clientDataJSON: bytes,
      attestationObject: bytes,
      transports: z.array(z.string().max(50)).max(10).exactOptional(),
    }),
  })
  .meta({ id: 'NewPasskey', description: 'RegistrationResponseJSON of Web Authentication' });

export const keyUseSchema = z
  .object({
    ...credential,
    response: z.object({ clientDataJSON: bytes, authenticatorData: bytes, signature: bytes, userHandle: bytes.max(200).exactOptional() }),
  })
  .meta({ id: 'PasskeyUse', description: 'AuthenticationResponseJSON of Web Authentication' });

export const askSchema = z
  .looseObject({ challenge: z.string() })
  .meta({ id: 'PasskeyOptions', description: 'Options for navigator.credentials, in the JSON of Web Authentication' });

export const passkeyName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}]+$/u, 'a name has no control characters');

export const passkeySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    host: z.string().describe('Name of the host that it is for'),
    synced: z.boolean().describe('Kept by a password manager that shares it among devices'),
    created: z.string(),
    lastUsed: z.string().nullable(),
  })
  .meta({ id: 'Passkey' });

export function passkeyView({ id, name, host, synced, created, lastUsed }: Passkey): z.infer<typeof passkeySchema> {
  const iso = (at: number): string => new Date(at).toISOString();
  return { id, name, host, synced, created: iso(created), lastUsed: lastUsed === null ? null : iso(lastUsed) };
}
