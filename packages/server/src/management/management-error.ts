/** Refusals as the management API answers them: `{error: {code, message, details}}`. */
import type { RuleErrorCode } from '@annunciator/rules/groups/rule-error';
import { RuleError } from '@annunciator/rules/groups/rule-error';
import { RequestError } from '../http/request-error.ts';

export class ManagementError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'ManagementError';
    this.status = status;
    this.code = code;
  }
}

export function notThere(what: string, name: string): ManagementError {
  return new ManagementError(404, 'ResourceNotFound', `There is no ${what} ${JSON.stringify(name.slice(0, 200))}.`);
}

const OF_RULES: Readonly<Record<RuleErrorCode, readonly [number, string]>> = {
  invalid: [400, 'InvalidParameter'],
  duplicate: [400, 'InvalidParameter'],
  renamed: [409, 'Conflict'],
  changed: [412, 'PreconditionFailed'],
  unknown: [404, 'ResourceNotFound'],
};
const OF_STATUS: Readonly<Record<number, string>> = {
  401: 'AuthenticationFailed',
  403: 'AuthorizationFailed',
  404: 'ResourceNotFound',
  503: 'ServiceUnavailable',
};

/** Any refusal as one of the management API; undefined for faults of ours. */
export function asManagementError(error: unknown): ManagementError | undefined {
  if (error instanceof ManagementError) return error;
  if (error instanceof RuleError) return new ManagementError(...OF_RULES[error.code], error.message);
  if (error instanceof RequestError)
    return new ManagementError(error.statusCode, OF_STATUS[error.statusCode] ?? 'BadRequest', error.message);
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status >= 400 && status < 500 && error instanceof Error) return new ManagementError(status, 'BadRequest', error.message);
  return undefined;
}
