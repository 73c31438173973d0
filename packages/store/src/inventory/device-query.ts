/** The question that the inventory is asked, and what a device is when it comes back. */
import type { DeviceFacts } from '@annunciator/core/device';
import type { DeviceClass, Importance, NetworkLocation } from '@annunciator/core/device-types';
import type { Instant } from '@annunciator/core/time';
import type { FilterOperator } from '../alert-query.ts';
import type { DeviceColumn } from './device-columns.ts';

/** One pill: several values are OR; several filters are AND. An empty value asks for devices that have none. */
export interface DeviceFilter {
  readonly column: DeviceColumn;
  readonly operator: FilterOperator;
  readonly values: readonly string[];
}

export interface DeviceQuery {
  /** Free text over name, addresses, type, vendor, model, firmware, serial number, system, tags and what people wrote. */
  readonly search?: string;
  readonly filters: readonly DeviceFilter[];
  readonly sort: { readonly column: DeviceColumn; readonly descending: boolean };
  /** Only these numbers, when given: for what lies outside the inventory, such as devices with open alerts. */
  readonly among?: readonly number[];
  /** What the asker may see: lists of filters of which at least one has to hold; everything when absent. */
  readonly scope?: readonly (readonly DeviceFilter[])[];
}

/** What people may say about a device; absent parts are left to what traffic says. */
export interface DeviceEdits {
  readonly name?: string;
  readonly type?: string;
  readonly subtype?: string;
  readonly purdueLevel?: number;
  readonly vendor?: string;
  readonly model?: string;
  readonly firmware?: string;
  readonly serial?: string;
  readonly os?: string;
  readonly importance?: Importance;
  readonly authorised?: boolean;
  readonly scanner?: boolean;
  readonly programming?: boolean;
  readonly description?: string;
  readonly location?: string;
  readonly businessFunction?: string;
  readonly owner?: string;
  readonly tags?: readonly string[];
}
export type EditedField = keyof DeviceEdits;

/** Who set a field last, and when (milliseconds since 1970). */
export interface EditNote {
  readonly by: string;
  readonly at: number;
}

/** Where a device stands in the grid: what people said where they said something, what traffic says elsewhere. */
export interface DeviceRow {
  readonly number: number;
  readonly sensor: string;
  readonly site: string;
  readonly zone: string;
  /** Id by which the sensor, its alerts and its events name the device. */
  readonly id: string;
  /** Counts the changes that people made: a change names the one it was made to. */
  readonly version: number;
  /** `sensor`: seen on the network; `person`: entered or imported. */
  readonly origin: 'sensor' | 'person';
  /** Number of the device that this one is part of, and who said so. */
  readonly mergedInto: number | null;
  readonly mergedBy: 'person' | 'sensor' | null;
  readonly name: string;
  readonly type: string;
  readonly class: DeviceClass;
  readonly subtype: string;
  readonly purdueLevel: number | null;
  readonly vendor: string;
  readonly model: string;
  readonly firmware: string;
  readonly serial: string;
  readonly os: string;
  readonly importance: Importance;
  readonly authorised: boolean;
  readonly scanner: boolean;
  readonly programming: boolean;
  /** Alerts at it that are not closed. */
  readonly openAlerts: number;
  /** Appeared after learning, and nobody has worked on it yet. */
  readonly isNew: boolean;
  readonly description: string;
  readonly location: string;
  readonly businessFunction: string;
  readonly owner: string;
  readonly tags: readonly string[];
  readonly groups: readonly string[];
  readonly subnet: string;
  readonly networkLocation: NetworkLocation;
  readonly firstSeen: Instant;
  readonly lastSeen: Instant;
  /** What traffic says, all of it. */
  readonly facts: DeviceFacts;
  /** What people said. */
  readonly edits: DeviceEdits;
  readonly notes: Readonly<Partial<Record<EditedField, EditNote>>>;
}

export interface DevicePage {
  readonly devices: readonly DeviceRow[];
  readonly next: string | null;
  /** Devices that match, and all. */
  readonly matching: number;
  readonly total: number;
}

export interface ValueCount {
  readonly value: string;
  readonly count: number;
}
