/**
 * Commands work on a data directory: through the system that runs on it where one does, else in its store. Whoever can read
 * the directory owns the system, so no password is asked.
 */
import { openStore, type Store } from '@annunciator/store/store';
import { StoreError } from '@annunciator/store/store-error';
import { findRunning, type RunningSystem } from './running.ts';

/** Does it in one of the two ways. @throws Error of the store when the directory cannot be used */
export async function onData<T>(
  data: string,
  how: { running: (system: RunningSystem) => Promise<T>; stopped: (store: Store) => Promise<T> },
): Promise<T> {
  let store: Store;
  try {
    store = await openStore(data);
  } catch (error) {
    const system = error instanceof StoreError && error.code === 'in-use' ? await findRunning(data) : undefined;
    if (system) return how.running(system);
    throw error;
  }
  try {
    return await how.stopped(store);
  } finally {
    await store.close();
  }
}
