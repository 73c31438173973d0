/** Whether a user can sign in, in a word. */
import type { User } from '../api/accounts.ts';

export const STATES = ['Active', 'Disabled', 'Password to be set'] as const;

export function stateOf({ disabled, passwordIsTemporary }: User): (typeof STATES)[number] {
  return disabled ? 'Disabled' : passwordIsTemporary ? 'Password to be set' : 'Active';
}
