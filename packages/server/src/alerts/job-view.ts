/** Jobs on alerts as the API gives them. */
import type { JobRecord } from '@annunciator/store/alert-jobs';
import { z } from 'zod';
import { alertActionSchema } from './alert-action.ts';
import { type AlertJobs, aboutText } from './alert-jobs.ts';

const time = z.string().describe('ISO 8601, UTC');

export const jobSchema = z
  .object({
    id: z.string(),
    key: z.string(),
    by: z.string(),
    action: alertActionSchema.nullable().describe('Null when the job undoes another'),
    about: z.string().describe('Which alerts, for people'),
    state: z.enum(['running', 'done', 'cancelled', 'failed']),
    total: z.number().describe('Alerts that were meant when it began'),
    done: z.number(),
    changed: z.number(),
    refused: z.array(
      z.object({
        code: z.string(),
        message: z.string().describe('The sentence for the first of them'),
        count: z.number(),
        ids: z.array(z.string()),
      }),
    ),
    created: time,
    finished: time.nullable(),
    undoes: z.string().nullable().describe('Id of the job that it undoes'),
    undoneBy: z.string().nullable().describe('Id of the job that undid it'),
    problem: z.string().nullable().describe('Why it failed'),
  })
  .meta({ id: 'AlertJob' });
export type JobView = z.infer<typeof jobSchema>;

export function jobView(job: JobRecord, asked: ReturnType<AlertJobs['askedOf']>): JobView {
  const { id, key, state, total, done, changed, undoes, undoneBy, problem } = job;
  return {
    id,
    key,
    by: job.who,
    action: 'undo' in asked ? null : asked.action,
    about: 'undo' in asked ? `what job ${asked.undo} changed` : aboutText(asked.alerts),
    state,
    total,
    done,
    changed,
    refused: job.refused.map((refusal) => ({ ...refusal, ids: [...refusal.ids] })),
    created: new Date(job.created).toISOString(),
    finished: job.finished === null ? null : new Date(job.finished).toISOString(),
    undoes,
    undoneBy,
    problem,
  };
}
