/** Texts of the aspects that all databases share. */
import type { Dissector } from '../dissector.ts';
import { Aspect } from '../facts.ts';

export const DATABASE_ASPECTS: Dissector['aspects'] = {
  [Aspect.DatabaseLogin]: (a, _b, interned) => ({ user: interned(a) }),
  [Aspect.DatabaseOperation]: (a, b, interned) => ({ operation: interned(a), ...(interned(b) && { object: interned(b) }) }),
};
