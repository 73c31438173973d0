/** Sessions as the API gives them. */
import type { Session } from '@annunciator/store/accounts';
import { z } from 'zod';
import { sessionId } from './sessions.ts';

export const openSessionSchema = z
  .object({
    id: z.string(),
    method: z.string().describe('How its user signed in'),
    address: z.string().describe('IP address that it began from'),
    agent: z.string().describe('What the browser calls itself'),
    created: z.string(),
    lastSeen: z.string(),
    current: z.boolean().describe('The session that asks'),
  })
  .meta({ id: 'OpenSession' });

export function sessionView(session: Session, current: Session | null): z.infer<typeof openSessionSchema> {
  const { method, address, agent, created, lastSeen, hash } = session;
  const iso = (at: number): string => new Date(at).toISOString();
  return {
    id: sessionId(session),
    method,
    address,
    agent,
    created: iso(created),
    lastSeen: iso(lastSeen),
    current: hash === current?.hash,
  };
}
