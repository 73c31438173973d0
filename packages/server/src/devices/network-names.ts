/** What people say of networks and VLANs. */
import type { SubnetKind } from '@annunciator/store/inventory/subnets';
import type { DeskWork } from './desk-work.ts';

export class NetworkNames {
  readonly #work: DeskWork;

  constructor(work: DeskWork) {
    this.#work = work;
  }

  /** A person names a network: devices are told with it, and sensors go by whether it is one of the plant. */
  nameSubnet(subnet: { cidr: string; name: string; kind: SubnetKind }, by: string): Promise<void> {
    return this.#settle(() => this.#work.inventory.subnets.put({ ...subnet, by, at: this.#work.clock() }), 'subnet.edit', subnet.cidr, by, {
      name: subnet.name,
      kind: subnet.kind,
    });
  }

  forgetSubnet(cidr: string, by: string): Promise<void> {
    return this.#settle(() => this.#work.inventory.subnets.remove(cidr), 'subnet.remove', cidr, by, {});
  }

  #settle(change: () => Promise<void>, action: string, on: string, who: string, details: Record<string, string>): Promise<void> {
    return this.#work.turn(async () => {
      const { subnets, devices } = this.#work.inventory;
      await change();
      await devices.resettle(subnets.of);
      for (const { value } of await devices.values({ filters: [] }, 'sensor'))
        this.#work.sensors.goBy?.(value, { subnets: subnets.named() });
      await this.#work.audit.record({ at: this.#work.clock(), who, action, on: [on], details });
    });
  }

  nameVlan(id: number, name: string, by: string): Promise<void> {
    return this.#work.turn(async () => {
      await this.#work.inventory.vlans.name(id, name);
      await this.#work.audit.record({ at: this.#work.clock(), who: by, action: 'vlan.edit', on: [String(id)], details: { name } });
    });
  }
}
