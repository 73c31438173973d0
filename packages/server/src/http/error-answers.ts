/**
 * Every refusal of the API is `{code, message}`: a stable code for programs, a sentence for people.
 */
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { HubError } from '@annunciator/hub/hub-error';
import { RuleError, type RuleErrorCode } from '@annunciator/rules/groups/rule-error';
import { StoreError } from '@annunciator/store/store-error';
import { z } from 'zod';
import type { App } from '../app.ts';
import { RequestError } from './request-error.ts';

export const problemSchema = z
  .object({
    part: z.string().describe('Such as when.any.1.value'),
    message: z.string(),
    line: z.number().optional(),
    column: z.number().optional(),
  })
  .meta({ id: 'Problem' });

export const refusalSchema = z
  .object({ code: z.string(), message: z.string(), problems: z.array(problemSchema).optional() })
  .meta({ id: 'Refusal' });

/** fastify's own refusals in our words. */
const KNOWN: Readonly<Record<string, { code: string; message: string }>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'body_too_large', message: 'The request is larger than 256 KiB: send it in parts.' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { code: 'media_type_unknown', message: 'Send the body as application/json.' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: 'bad_request', message: 'The body is empty: send a JSON object.' },
  FST_ERR_CTP_INVALID_JSON_BODY: { code: 'bad_request', message: 'The body is no JSON.' },
};

const RULE_STATUS: Readonly<Record<RuleErrorCode, number>> = { invalid: 400, duplicate: 400, renamed: 409, changed: 412, unknown: 404 };

const STORE_REFUSALS: ReadonlySet<string> = new Set(['bad-cursor', 'bad-value']);

export function addErrorAnswers(app: App, log: ((line: string) => void) | undefined): void {
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof RequestError) {
      const { retryAfter, problems, more } = error.details;
      if (retryAfter !== undefined) void reply.header('retry-after', String(retryAfter));
      const { code, message } = error;
      return reply.code(error.statusCode).send({ code, message, ...(problems && problems.length > 0 ? { problems } : {}), ...more });
    }
    if (hasZodFastifySchemaValidationErrors(error)) {
      const where = error.validation.map(
        ({ instancePath, message }) => `${instancePath.slice(1).replaceAll('/', '.') || 'the request'}: ${message ?? 'not valid'}`,
      );
      return reply.code(400).send({ code: 'bad_request', message: `${where.join('; ')}.` });
    }
    // Refusals of the hub have the product's names; their faults (500) are ours.
    if (error instanceof HubError && error.status !== 500)
      return reply.code(error.status).send({ code: snakeCase(error.code), message: error.message });
    if (error instanceof RuleError) return reply.code(RULE_STATUS[error.code]).send({ code: `rule_${error.code}`, message: error.message });
    // What the store refuses because of the question is the asker's to mend.
    if (error instanceof StoreError && STORE_REFUSALS.has(error.code))
      return reply.code(400).send({ code: error.code.replaceAll('-', '_'), message: error.message });
    if (error instanceof StoreError && error.code === 'conflict') return reply.code(409).send({ code: 'conflict', message: error.message });
    const fault = error instanceof Error ? error : new Error(String(error));
    const known = 'code' in fault && typeof fault.code === 'string' ? KNOWN[fault.code] : undefined;
    const status = 'statusCode' in fault && typeof fault.statusCode === 'number' ? fault.statusCode : 500;
    if (known) return reply.code(status).send(known);
    if (status >= 400 && status < 500) return reply.code(status).send({ code: 'bad_request', message: `${fault.message}.` });
    log?.(`${request.method} ${request.url.split('?')[0]} failed: ${fault.stack ?? fault.message}`);
    return reply
      .code(500)
      .send({ code: 'internal_error', message: `Something failed on the server (request ${request.id}); its log says what.` });
  });
}

function snakeCase(name: string): string {
  return name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase();
}
