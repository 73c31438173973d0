/** What a person prefers, kept by the server, so that it is the same in every browser. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { fetchPreferences, type Preferences, setPreference } from '../api/portal.ts';
import { useNotice } from './notices.tsx';

const KEY = ['preferences'];

/** A preference by name, undefined until it is known or when there is none, and a way to set it; null forgets it. */
export function usePreference(name: string): readonly [value: unknown, set: (value: unknown) => void, isKnown: boolean] {
  const queries = useQueryClient();
  const notice = useNotice();
  const { data, isFetched } = useQuery({ queryKey: KEY, queryFn: fetchPreferences, staleTime: Number.POSITIVE_INFINITY });
  const set = (value: unknown) => {
    queries.setQueryData<Preferences>(KEY, (before) => ({ ...before, [name]: value ?? undefined }));
    setPreference(name, value).catch((error: unknown) => {
      notice({ intent: 'error', text: `Your choice could not be kept: ${error instanceof Error ? error.message : String(error)}` });
    });
  };
  return [data?.[name], set, isFetched];
}
