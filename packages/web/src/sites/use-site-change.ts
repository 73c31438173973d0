/** A change of a site or sensor: done, told, and everything that shows sites loaded anew. */
import { useQueryClient } from '@tanstack/react-query';
import { useNotice } from '../shell/notices.tsx';

/** True when it was done; a refusal is shown. */
export function useSiteChange(): (work: () => Promise<unknown>, done: string) => Promise<boolean> {
  const queries = useQueryClient();
  const notice = useNotice();
  return async (work, done) => {
    try {
      await work();
      notice({ intent: 'success', text: done });
      return true;
    } catch (error) {
      notice({ intent: 'error', text: error instanceof Error ? error.message : String(error) });
      return false;
    } finally {
      await queries.invalidateQueries({ queryKey: ['sites'] });
    }
  };
}
