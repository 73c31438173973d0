/** Lets nobody past who is not signed in; everything inside may rely on a session. */
import { Spinner } from '@fluentui/react-components';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, use, useEffect, useMemo, useRef } from 'react';
import { get, Refusal, rememberCsrfToken, send } from '../api/client.ts';
import { useLive } from '../api/live.ts';
import { PasswordPage } from './password-page.tsx';
import { SignInPage } from './sign-in-page.tsx';

export interface SessionFacts {
  readonly user: string;
  readonly console: 'portal' | 'sensor';
  /** The grants in words. */
  readonly role: string;
  /** What may be done at least somewhere. */
  readonly permissions: readonly string[];
  /** What of it may be done everywhere. */
  readonly everywhere: readonly string[];
  readonly csrfToken: string | null;
  readonly passwordIsTemporary: boolean;
}

interface Session extends SessionFacts {
  /** At least somewhere. */
  may(permission: string): boolean;
  mayEverywhere(permission: string): boolean;
  signOut(): Promise<void>;
}

const SESSION = ['session'];
/** What is the reader's own, whatever they may do. */
const OWN: ReadonlySet<unknown> = new Set(['session', 'preferences']);
/** What signing out leaves: the page to sign in may have asked for it already, when the end of the session was seen in the stream first. */
const PUBLIC: ReadonlySet<unknown> = new Set(['session', 'sso']);

const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = use(SessionContext);
  if (!session) throw new Error('useSession is used outside of SessionGate.');
  return session;
}

export function SessionGate({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const { data, error, isPending } = useQuery({
    queryKey: SESSION,
    queryFn: async () => {
      try {
        const facts = await get<SessionFacts>('/api/session');
        rememberCsrfToken(facts.csrfToken);
        return facts;
      } catch (refusal) {
        if (refusal instanceof Refusal && refusal.status === 401) return null;
        throw refusal;
      }
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
  const session = useMemo<Session | null>(
    () =>
      data
        ? {
            ...data,
            may: (permission) => data.permissions.includes(permission),
            mayEverywhere: (permission) => data.everywhere.includes(permission),
            signOut: async () => {
              await send('POST', '/api/sign-out');
              queries.setQueryData(SESSION, null);
              queries.removeQueries({ predicate: ({ queryKey }) => !PUBLIC.has(queryKey[0]) });
            },
          }
        : null,
    [data, queries],
  );

  if (isPending) return <Spinner style={{ height: '100%' }} label="Loading" />;
  // A server that does not answer for a moment ends no session.
  if (error && !session) return <SignInPage problem={error.message} />;
  if (!session) return <SignInPage />;
  if (session.passwordIsTemporary) return <PasswordPage user={session.user} />;
  return (
    <SessionContext value={session}>
      <FollowSession session={session} />
      {children}
    </SessionContext>
  );
}

/**
 * Keeps an open page to what its reader may do now: the live stream ends when that changes, and when the session does. What was
 * loaded before is loaded anew then, for it may be no longer theirs to see.
 */
function FollowSession({ session: { user, role, permissions, everywhere } }: { session: SessionFacts }) {
  const queries = useQueryClient();
  useLive({ onBreak: () => void queries.refetchQueries({ queryKey: SESSION }) });
  const may = JSON.stringify([user, role, permissions, everywhere]);
  const before = useRef(may);
  useEffect(() => {
    if (before.current === may) return;
    before.current = may;
    void queries.resetQueries({ predicate: ({ queryKey }) => !OWN.has(queryKey[0]) });
  }, [may, queries]);
  return null;
}
