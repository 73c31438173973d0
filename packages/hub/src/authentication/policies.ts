/** Shared access policies: named rights with two keys, for back ends and for devices that use one instead of their own key. */
import { randomBytes } from 'node:crypto';

export const RIGHTS = ['RegistryRead', 'RegistryWrite', 'ServiceConnect', 'DeviceConnect'] as const;
export type Right = (typeof RIGHTS)[number];

export interface Policy {
  readonly name: string;
  readonly rights: readonly Right[];
  /** Base64. */
  readonly primaryKey: string;
  readonly secondaryKey: string;
}

/** What a new hub has. */
const DEFAULTS: Readonly<Record<string, readonly Right[]>> = {
  iothubowner: RIGHTS,
  service: ['ServiceConnect'],
  device: ['DeviceConnect'],
  registryRead: ['RegistryRead'],
  registryReadWrite: ['RegistryRead', 'RegistryWrite'],
};

export function defaultPolicies(): Policy[] {
  return Object.entries(DEFAULTS).map(([name, rights]) => ({ name, rights, primaryKey: newKey(), secondaryKey: newKey() }));
}

/** 256 random bits in base64. */
export function newKey(): string {
  return randomBytes(32).toString('base64');
}
