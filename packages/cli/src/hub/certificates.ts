/** Certificate authorities of devices from the command line. */
import { z } from 'zod';
import { table } from '../formats/table.ts';
import { withHub } from './hub-client.ts';

const certificateSchema = z.object({
  name: z.string(),
  properties: z.object({
    subject: z.string(),
    thumbprint: z.string(),
    expiry: z.string(),
    isVerified: z.boolean(),
    verificationCode: z.string().optional(),
  }),
});

const path = (name: string): string => `/certificates/${encodeURIComponent(name)}`;

/** Adds an authority; returns what to do next. */
export function addCertificate(data: string, name: string, certificate: string, isVerified: boolean): Promise<string> {
  return withHub(data, async (hub) => {
    await hub.call('PUT', path(name), { certificate, isVerified });
    return isVerified
      ? `${name} was added; certificates that it signed work for devices with --authority.`
      : `${name} was added. Its owner must prove to have its key: run "annunciator hub certificate code ${name}".`;
  });
}

export function listCertificates(data: string): Promise<string[]> {
  return withHub(data, async (hub) => {
    const { body } = await hub.call('GET', '/certificates');
    const { value } = z.object({ value: z.array(certificateSchema) }).parse(body);
    return table(
      [{ title: 'NAME' }, { title: 'SUBJECT', least: 10 }, { title: 'THUMBPRINT' }, { title: 'EXPIRES' }, { title: 'VERIFIED' }],
      value.map(({ name, properties }) => [
        name,
        properties.subject,
        properties.thumbprint,
        properties.expiry.slice(0, 10),
        properties.isVerified ? 'yes' : 'no',
      ]),
      process.stdout.columns ?? 120,
    );
  });
}

/** A new verification code. */
export function verificationCode(data: string, name: string): Promise<string> {
  return withHub(data, async (hub) => {
    const { body } = await hub.call('POST', `${path(name)}/generateVerificationCode`);
    return certificateSchema.parse(body).properties.verificationCode ?? '';
  });
}

export function verifyCertificate(data: string, name: string, certificate: string): Promise<void> {
  return withHub(data, async (hub) => void (await hub.call('POST', `${path(name)}/verify`, { certificate })));
}

export function deleteCertificate(data: string, name: string): Promise<void> {
  return withHub(data, async (hub) => void (await hub.call('DELETE', path(name))));
}
