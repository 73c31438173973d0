/** Where the values that rules of a protocol read come from, and where they go. */
import type { AspectField } from '../baseline/aspects.ts';
import type { ProtocolRules } from './compile.ts';

/** Aspects and details are numbers below these. */
const ASPECTS = 256;
export const DETAIL_NUMBERS = 256;

/** Where the values of a protocol go. */
export interface Plan {
  readonly rules: ProtocolRules;
  readonly aspects: readonly (readonly { readonly slot: number; readonly field: AspectField }[] | undefined)[];
  /** Slot of the items of a range aspect. */
  readonly items: Int8Array;
  /** Slot by number of the detail. */
  readonly details: Int8Array;
  /** Slots that belong to an item. */
  readonly perItem: Uint8Array;
  readonly code: number;
  readonly operation: number;
  readonly role: number;
  readonly toServer: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly source: number;
  readonly destination: number;
  /** Any field that facts tell. */
  readonly facts: boolean;
}

export function planOf(rules: ProtocolRules): Plan {
  const { slots, fields, definitions } = rules;
  const slotOf = (name: string): number => slots.get(name) ?? -1;
  const aspects: { slot: number; field: AspectField }[][] = [];
  const items = new Int8Array(ASPECTS).fill(-1);
  const details = new Int8Array(DETAIL_NUMBERS).fill(-1);
  let facts = false;
  for (const [name, slot] of slots)
    for (const source of fields.sources.get(name) ?? [])
      switch (source.from) {
        case 'aspect':
          (aspects[source.aspect] ??= []).push({ slot, field: source.field });
          break;
        case 'items':
          items[source.aspect] = slot;
          break;
        case 'detail':
          details[source.detail] = slot;
          break;
        case 'fact':
          facts = true;
          break;
        case 'message':
          break;
        default:
          source satisfies never;
      }
  return {
    rules,
    aspects,
    items,
    details,
    perItem: Uint8Array.from(definitions, ({ item }) => (item ? 1 : 0)),
    code: slotOf('code'),
    operation: slotOf('operation'),
    role: slotOf('role'),
    toServer: slotOf('to-server'),
    sourcePort: slotOf('source.port'),
    destinationPort: slotOf('destination.port'),
    source: slotOf('source'),
    destination: slotOf('destination'),
    facts,
  };
}
