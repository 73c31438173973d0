/**
 * The description of the API: what the schemas of the routes say, with the permission of each, whether it keeps to
 * places, and its kind of answer.
 */
import swagger from '@fastify/swagger';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { App } from '../app.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Media type of an answer that is not JSON. */
    answers?: 'text/csv' | 'text/plain' | 'text/event-stream' | 'application/x-pcapng' | 'application/pdf';
  }
}

const TEXT = { type: 'string' };
const BYTES = { type: 'string', format: 'binary' };

export async function addOpenApi(app: App, { version, secure }: { version: string; secure: boolean }): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Annunciator',
        version,
        description: 'Alerts of industrial networks and IoT devices. The portal uses nothing but this interface.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'An API token, made in the portal or by POST /api/tokens' },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: secure ? '__Host-annunciator' : 'annunciator',
            description: 'POST /api/sign-in; writes repeat the csrfToken of GET /api/session in x-csrf-token',
          },
        },
      },
      security: [{ token: [] }, { session: [] }],
    },
    transform: (input) => {
      const { schema, url } = jsonSchemaTransform(input);
      const { permission, byPlace, answers } = input.route.config ?? {};
      const content = answers && { [answers]: { schema: answers.startsWith('text/') ? TEXT : BYTES } };
      // What the route declares of its answers, by status.
      const declared = schema['response'] as object | undefined;
      const response = content ? { ...declared, 200: { description: 'The file or stream', content } } : declared;
      const access = { 'x-permission': permission, ...(byPlace ? { 'x-by-place': true } : {}) };
      return { schema: { ...schema, ...(response ? { response } : {}), ...access }, url };
    },
    transformObject: jsonSchemaTransformObject,
  });
  app.get('/api/openapi.json', { config: { permission: 'anyone' }, schema: { hide: true } }, () => app.swagger());
}
