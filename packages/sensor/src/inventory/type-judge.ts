/**
 * Judges the type of a device: every rule that fits votes with its confidence, votes for the same type add up as independent
 * evidence does, and the type with most wins. What a device says of itself outweighs what it does.
 */
import type { TypeReason } from '@annunciator/core/device';
import { type DeviceType, isDeviceType, UNKNOWN_TYPE } from '@annunciator/core/device-types';
import { PROTOCOL_BY_INDEX, PROTOCOLS, type ProtocolId } from '@annunciator/protocols/registry';
import { isPublic } from './address.ts';
import type { Device } from './device.ts';
import { type DeviceTraits, TYPE_RULES } from './type-rules.ts';

export interface TypeJudgement {
  readonly type: DeviceType;
  readonly subtype: string;
  /** Percent; 0 when the type is unknown. */
  readonly confidence: number;
  /** All rules that fit: those of the type first, the strongest first. */
  readonly reasons: readonly TypeReason[];
}

/** A device that says itself what it is knows best. */
const TOLD = 97;

const INDEX_OF: ReadonlyMap<string, number> = new Map(Object.values(PROTOCOLS).map(({ id, index }) => [id, index]));

function traitsOf(device: Device): DeviceTraits {
  const has = (set: ReadonlySet<number>) => (protocol: ProtocolId) => set.has(INDEX_OF.get(protocol) ?? -1);
  return {
    serves: has(device.serves),
    asks: has(device.asks),
    speaks: has(device.protocols),
    does: (role) => device.roles.has(role),
    vendor: device.vendor,
    model: device.model,
    name: device.name,
    os: device.os,
    units: [...device.modules.keys()].filter((place) => place.startsWith('unit ')).length,
    isOfInternet: device.macs.length === 0 && device.ips.length > 0 && device.ips.every(isPublic),
  };
}

/** The type of a device as far as it is known, and why. */
export function judgeType(device: Device): TypeJudgement {
  const traits = traitsOf(device);
  const reasons: (TypeReason & { subtype: string })[] = [];
  if (isDeviceType(device.toldType)) {
    const protocol = PROTOCOL_BY_INDEX[device.toldTypeBy]?.name ?? 'its protocol';
    reasons.push({ rule: 'told', type: device.toldType, confidence: TOLD, says: `said so over ${protocol}`, subtype: '' });
  }
  for (const { id, type, confidence, says, fits, subtype = '' } of TYPE_RULES)
    if (fits(traits)) reasons.push({ rule: id, type, confidence, says, subtype });
  if (reasons.length === 0) return { type: UNKNOWN_TYPE, subtype: '', confidence: 0, reasons: [] };

  const doubts = new Map<DeviceType, number>();
  for (const { type, confidence } of reasons) doubts.set(type, (doubts.get(type) ?? 1) * (1 - confidence / 100));
  let best: DeviceType = reasons[0].type;
  for (const [type, doubt] of doubts) if (doubt < (doubts.get(best) ?? 1)) best = type;
  const ordered = reasons.toSorted((a, b) => Number(b.type === best) - Number(a.type === best) || b.confidence - a.confidence);
  return {
    type: best,
    subtype: ordered.find(({ type, subtype }) => type === best && subtype !== '')?.subtype ?? '',
    confidence: Math.min(99, Math.round((1 - (doubts.get(best) ?? 1)) * 100)),
    reasons: ordered.map(({ subtype: _subtype, ...reason }) => reason),
  };
}
