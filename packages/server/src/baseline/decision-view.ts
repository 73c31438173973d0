/** Decisions about alerts as the API gives them. */
import { PORTAL_SEVERITIES, STATUSES, type AlertState } from '@annunciator/core/alert';
import type { AlertDecision } from '@annunciator/store/alert-decisions';
import { z } from 'zod';

const stateSchema = z.object({
  status: z.enum(STATUSES),
  disposition: z.enum(['none', 'learned', 'muted']),
  closeReason: z.string().nullable(),
  severity: z.enum(PORTAL_SEVERITIES).nullable().describe("What a person set; null for the sensor's"),
});

export const decisionSchema = z
  .object({
    revision: z.number().describe("The alert's revision after it"),
    at: z.string().describe('ISO 8601, UTC'),
    who: z.string().nullable().describe('Null when the system decided'),
    action: z.string().describe('A verb of the audit log, such as alert.learn; alert.quiet and alert.resolved are closings by the system'),
    job: z.string().nullable().describe('The job that decided about many'),
    before: stateSchema,
    after: stateSchema,
  })
  .meta({ id: 'AlertDecision' });

export function decisionView({ revision, at, who, action, job, before, after }: AlertDecision): z.infer<typeof decisionSchema> {
  return { revision, at: new Date(at).toISOString(), who, action, job, before: stateView(before), after: stateView(after) };
}

function stateView({ status, disposition, closeReason, portalSeverity }: AlertState): z.infer<typeof stateSchema> {
  return { status, disposition, closeReason, severity: portalSeverity };
}
