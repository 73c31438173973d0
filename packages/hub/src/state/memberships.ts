/** In which security group the devices of a partition are, for those who follow the operations. */
import { type Membership, membershipOf, type MembershipTwin, SECURITY_MODULES } from '@annunciator/rules/groups/membership';
import type { Row, Sql } from './sql.ts';

export interface DeviceMembership {
  readonly deviceId: string;
  readonly membership: Membership;
  /** Since when the device exists or has its status, milliseconds since 1970. */
  readonly since: number;
}

const MODULES = SECURITY_MODULES.map((module) => `'${module}'`).join(', ');

export class Memberships {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Null when there is no such device. */
  of(deviceId: string): Membership | null {
    const device = this.#sql.get("SELECT status FROM identity WHERE device = ? AND module = ''", deviceId);
    if (!device) return null;
    const twins = this.#sql.all(`SELECT module, tags, desired FROM twin WHERE device = ? AND module IN ('', ${MODULES})`, deviceId);
    return membershipOf(device['status'] === 'enabled', twins.map(twinOf));
  }

  /** Devices in the order of their ids, from behind `after`. */
  list(after: string, limit: number): DeviceMembership[] {
    const devices = this.#sql.all(
      "SELECT device, status, max(created, status_updated) AS since FROM identity WHERE device > ? AND module = '' ORDER BY device LIMIT ?",
      after,
      limit,
    );
    const last = devices.at(-1)?.['device'];
    if (last === undefined) return [];
    const twins = this.#sql.all(
      `SELECT device, module, tags, desired FROM twin WHERE device > ? AND device <= ? AND module IN ('', ${MODULES})`,
      after,
      last,
    );
    const byDevice = Map.groupBy(twins, (row) => String(row['device']));
    return devices.map((row) => {
      const deviceId = String(row['device']);
      const own = (byDevice.get(deviceId) ?? []).map(twinOf);
      return { deviceId, membership: membershipOf(row['status'] === 'enabled', own), since: Number(row['since']) };
    });
  }
}

function twinOf(row: Row): MembershipTwin {
  return {
    moduleId: row['module'] === '' ? null : String(row['module']),
    tags: JSON.parse(String(row['tags'])),
    desired: JSON.parse(String(row['desired'])),
  };
}
