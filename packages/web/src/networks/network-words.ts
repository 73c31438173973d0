/** Kinds of networks in the words of the page. */
import type { NetworkKind } from '../api/networks.ts';

export const KIND_WORDS: Readonly<Record<NetworkKind, string>> = {
  auto: 'By its traffic: a plant protocol in it makes it a network of the plant',
  ot: 'Plant (OT)',
  it: 'Office (IT)',
};
