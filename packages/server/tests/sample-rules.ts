/** Custom rules of a water works, with what they did lately, for browser tests and for looking at the portal. */
import { fromMilliseconds } from '@annunciator/core/time';
import { idOfName } from '@annunciator/sensor/rules/parse';
import type { Store } from '@annunciator/store/store';
import type { Audit } from '../src/audit.ts';
import { RuleDesk } from '../src/rules/rule-desk.ts';

const TEXT = `time zone "Europe/Berlin"
working hours mon-fri 07:00 - 18:00
group "engineering" 10.20.1.0/24

rule "Setpoint out of its limits"
  protocol modbus
  when function in 6, 16 and address in 400-499 and (value > 900 or value < 10)
  to controllers
  outside working hours
  alert Critical
  message "{source} wrote {value} to register {address} of {destination}"
end

rule "Programming on a weekend"
  protocol s7comm
  when deed == "program.download" and deed.phase == "requested"
  on sat-sun
  alert Critical
  message "{source} loads a program into {destination} at {time}"
end

rule "Remote desktop from outside"
  protocol tcp
  when destination.port in 3389, 5900
  from internet
  to local
  alert Major
  message "{source} connects to port {destination.port} of {destination}"
end

rule "Registers are read in bulk"
  disabled
  protocol modbus
  when function == 3 and role == request
  from group "engineering"
  event Warning with packets
  message "{source} reads {destination}, unit {unit}"
end
`;

/** How often, and how many hours ago. */
const HELD: readonly (readonly [name: string, count: number, hours: number])[] = [
  ['Setpoint out of its limits', 3, 5],
  ['Remote desktop from outside', 42, 1],
];

/** @param sensors at each of which the rules held as often @param now milliseconds since 1970 */
export async function keepSampleRules(
  store: Pick<Store, 'rules' | 'settings'>,
  sensors: readonly string[],
  audit: Audit,
  now: number,
): Promise<void> {
  const desk = new RuleDesk({ store, audit, clock: () => now - 86_400_000, sensors: { status: async () => [] } });
  await desk.import(TEXT, { by: 'eva', dryRun: false });
  const hits = HELD.map(([name, count, hours]) => ({ rule: idOfName(name), count, last: fromMilliseconds(now - hours * 3_600_000) }));
  for (const sensor of sensors) await store.rules.count(sensor, hits);
}
