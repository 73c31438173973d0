/**
 * Turns what an engine found into a detection, or into nothing: the type may be off, out of focus, or silent while
 * learning. The one door through which all engines speak.
 */
import type { Detection, Endpoint, Engine, Learnable, Parameters, Severity } from '@annunciator/core/alert';
import type { AlertType, TypeSetting, TypeSettings } from '@annunciator/core/alert-type';
import { CATALOGUE, findAlertType } from '@annunciator/core/catalogue';
import { instant } from '@annunciator/core/time';
import { PROTOCOL_BY_INDEX } from '@annunciator/protocols/registry';
import type { Learning } from '../baseline/learning.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Scene } from './scene.ts';
import { sentence } from './wording.ts';

/** What a person can switch. */
export interface DetectionSettings {
  /** `ot`: most engines alert only where an OT device or protocol takes part. */
  readonly focus: 'ot' | 'any';
  /** Turns on the types that are off by default. */
  readonly enableAll: boolean;
  readonly enabledTypes: readonly string[];
  readonly disabledTypes: readonly string[];
  readonly disabledEngines: readonly Engine[];
  /** Take every Internet address for one of the site's own. */
  readonly internetIsInternal: boolean;
  /** Names whose addresses raise no Internet alert. */
  readonly allowedNames: readonly string[];
}

export const DEFAULT_SETTINGS: DetectionSettings = {
  focus: 'ot',
  enableAll: false,
  enabledTypes: [],
  disabledTypes: [],
  disabledEngines: [],
  internetIsInternal: false,
  allowedNames: [],
};

export interface Finding {
  readonly type: string;
  /** Parties; 0 when there is none. */
  readonly source: number;
  readonly destination: number;
  /** Parties of the very addresses, where neither the flow of the scene tells them nor the device has one only. */
  readonly sourceAddress?: number;
  readonly destinationAddress?: number;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  /** Protocol index; the scene's when absent. */
  readonly protocol?: number;
  readonly message: string;
  readonly expected: string;
  readonly seen: string;
  readonly parameters?: Parameters;
  /** What tells findings of one type between the same devices apart. */
  readonly parameterKey?: string;
  readonly learn?: readonly Learnable[];
  /** Evidence, when it is more than the packet under the cursor. */
  readonly frames?: readonly number[];
  readonly severity?: Severity;
  /** Heard while learning, too: a person has rejected the operation. */
  readonly loud?: boolean;
}

/** The one policy type that a person asked for by a rule: it speaks while learning. */
const BY_RULE = 'Custom Alerts';
/** Frames that show what happened, the one that fired last. */
export function framesOf({ requestFrame, firstFrame, frame }: Scene): number[] {
  if (frame === 0) return [];
  return [...new Set([requestFrame, firstFrame, frame])].filter((one) => one > 0).sort((a, b) => a - b);
}

const LEARNS_SILENTLY: Engine = 'PolicyViolation';

export class Judge {
  readonly #learning: Learning;
  readonly inventory: Inventory;
  /** The address by which a device takes part in a flow: a party of its own, or the device's where the flow has another. */
  addressIn: (flow: number, party: number) => number = (_, party) => party;
  readonly #settings: DetectionSettings;
  readonly #on = new Map<string, AlertType>();
  readonly #thresholds = new Map<string, { count: number; windowSeconds: number }>();
  #types: TypeSettings = {};
  readonly #report: (detection: Detection) => void;

  /** @param learning while it is on, policy alerts are silent; all others speak */
  constructor(inventory: Inventory, settings: DetectionSettings, learning: Learning, report: (detection: Detection) => void) {
    this.#learning = learning;
    this.inventory = inventory;
    this.#settings = settings;
    this.#report = report;
    this.setTypes({});
  }

  /** What people set about types, from now on; what they did not set goes by the settings of the start. */
  setTypes(types: TypeSettings): void {
    const { disabledTypes, disabledEngines, enableAll, enabledTypes } = this.#settings;
    this.#types = types;
    this.#on.clear();
    for (const type of CATALOGUE) {
      const isOff = disabledTypes.includes(type.id) || disabledEngines.includes(type.engine);
      const isUsual = !type.disabledByDefault || enableAll || enabledTypes.includes(type.id);
      if (types[type.id]?.on ?? (isUsual && !isOff)) this.#on.set(type.id, type);
      this.#setThreshold(type.id, types[type.id]?.threshold ?? type.threshold);
    }
  }

  #setThreshold(type: string, to: TypeSetting['threshold'] | null): void {
    if (!to) return;
    const threshold = this.#thresholds.get(type);
    if (!threshold) this.#thresholds.set(type, { count: to.count, windowSeconds: to.windowSeconds });
    else {
      threshold.count = to.count;
      threshold.windowSeconds = to.windowSeconds;
    }
  }

  get settings(): DetectionSettings {
    return this.#settings;
  }

  /** The type is switched on: detectors that cost something ask before they work. */
  isOn(type: string): boolean {
    return this.#on.has(type);
  }

  /** Threshold in force: the user's, else the documented one. One object for a type: who keeps it goes by it after each change. */
  threshold(type: string): { readonly count: number; readonly windowSeconds: number } {
    const threshold = this.#thresholds.get(type);
    if (!threshold) throw new RangeError(`alert type ${type} has no threshold in the catalogue`);
    return threshold;
  }

  /** Speaks, unless the type is off, out of focus, or learning. Returns whether it did. */
  raise(scene: Scene, finding: Finding): boolean {
    const type = this.#on.get(finding.type);
    if (!type) return false;
    if (this.#learning.on && type.engine === LEARNS_SILENTLY && type.category !== BY_RULE && !finding.loud) return false;
    const detection = this.#detection(scene, finding, type);
    if (detection) this.#report(detection);
    return detection !== undefined;
  }

  /** The detection that a finding would be, whether or not its type is on; undefined when it is out of focus. */
  detection(scene: Scene, finding: Finding): Detection | undefined {
    const type = findAlertType(finding.type);
    if (!type) throw new RangeError(`the catalogue has no alert type ${finding.type}`);
    return this.#detection(scene, finding, type);
  }

  #detection(scene: Scene, finding: Finding, type: AlertType): Detection | undefined {
    const protocol = PROTOCOL_BY_INDEX[finding.protocol ?? scene.protocol] ?? null;
    const { inventory } = this;
    if (type.focus === 'ot-only' && this.#settings.focus === 'ot') {
      if (!protocol?.ot && !inventory.isOt(finding.source) && !inventory.isOt(finding.destination)) return undefined;
    }
    const source = this.#endpoint(scene, finding.source, finding.sourcePort ?? 0, finding.sourceAddress);
    const destination = this.#endpoint(scene, finding.destination, finding.destinationPort ?? 0, finding.destinationAddress);
    const frames = finding.frames ?? framesOf(scene);
    // What a rule or the finding itself says goes before.
    const severity = finding.severity ?? this.#types[finding.type]?.severity;
    return {
      type: finding.type,
      time: instant(scene.seconds, scene.nanoseconds),
      source,
      destination,
      protocol: protocol && protocol.index !== 0 ? protocol.id : null,
      message: sentence(finding.message),
      expected: sentence(finding.expected),
      seen: sentence(finding.seen),
      parameters: finding.parameters ?? {},
      parameterKey: finding.parameterKey ?? '',
      frames,
      learn: type.learnable ? (finding.learn ?? []) : [],
      internet: this.#isInternet(finding.source) || this.#isInternet(finding.destination),
      ...(severity ? { severity } : {}),
    };
  }

  /** Who sends to whom under the cursor, and in which frames. */
  ends(scene: Scene): Pick<Detection, 'source' | 'destination' | 'frames'> {
    return {
      source: this.#endpoint(scene, scene.sender, scene.senderPort),
      destination: this.#endpoint(scene, scene.receiver, scene.receiverPort),
      frames: framesOf(scene),
    };
  }

  #isInternet(party: number): boolean {
    return party !== 0 && !this.inventory.party(party).group && !this.inventory.isLocal(party);
  }

  #endpoint(scene: Scene, party: number, port: number, address?: number): Endpoint | null {
    if (party === 0) return null;
    const own = this.inventory.party(party);
    const { device } = own;
    // Of several addresses the one in the packet, so that whoever looks at it finds what the alert says.
    const seen = this.inventory.party(address ?? (scene.flow < 0 ? party : this.addressIn(scene.flow, party)));
    return {
      device: device?.id ?? own.address,
      ip: seen.isMac ? (device?.ips[0] ?? null) : seen.address,
      mac: seen.isMac ? seen.address : (device?.macs[0] ?? null),
      port: port || null,
      name: device?.givenName || device?.name || null,
    };
  }

  /** How sentences call a party: name and address. */
  label(party: number): string {
    const entry = this.inventory.party(party);
    const { device } = entry;
    if (!device) return entry.address;
    const address = device.ips[0] ?? device.macs[0] ?? device.id;
    const name = device.givenName || device.name;
    return name && name !== address ? `${name} (${address})` : address;
  }
}
