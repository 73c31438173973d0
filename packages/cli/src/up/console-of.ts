/** What a data directory belongs to: a portal, or a sensor with a console of its own. The first start decides, since each has its roles. */
import { CONSOLES, type Console } from '@annunciator/core/roles';
import type { Store } from '@annunciator/store/store';

const NAME = 'console';

/**
 * The console of a directory; the first one that is wanted stays.
 * @throws Error when another is wanted than the one that is there
 */
export async function consoleOf({ settings, accounts }: Pick<Store, 'settings' | 'accounts'>, wanted?: Console): Promise<Console> {
  const text = await settings.get(NAME);
  const kept = CONSOLES.find((console) => console === text);
  const known = kept ?? ((await accounts.users()).length > 0 ? 'portal' : undefined);
  if (known !== undefined && wanted !== undefined && known !== wanted)
    throw new Error(`This data directory belongs to a ${known}, not to a ${wanted}: give another with --data.`);
  const console = known ?? wanted ?? 'portal';
  if (kept === undefined) await settings.set({ [NAME]: console });
  return console;
}
