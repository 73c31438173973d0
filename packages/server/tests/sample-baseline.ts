/** A baseline with a history and a review list, as a sensor at a water works learned it, for browser tests and for looking at the portal. */
import type { Endpoint } from '@annunciator/core/alert';
import type { ReviewItem } from '@annunciator/core/review';
import { fromMilliseconds } from '@annunciator/core/time';
import type { Store } from '@annunciator/store/store';
import type { Audit } from '../src/audit.ts';
import { BaselineDesk } from '../src/baseline/baseline-desk.ts';

const FIRST = `annunciator baseline 1
device 10.20.1.22
device 10.20.1.41
device 10.20.2.11
device 10.20.2.13
device.port 10.20.2.13 transport=tcp port=502
modbus.address 10.20.1.22 -> 10.20.2.13 unit=1 table=holding-registers addresses=0-99,400-420
modbus.function 10.20.1.22 -> 10.20.2.13 unit=1 function=3
modbus.function 10.20.1.22 -> 10.20.2.13 unit=1 function=16
`;
const WILDCARD = 'modbus.function 10.20.0.0/24 -> * unit=* function=1-4';
const DAY = 86_400_000;

const end = (ip: string, name: string): Endpoint => ({ device: ip, ip, mac: null, port: null, name });

function seen(id: string, kind: ReviewItem['kind'], type: string, message: string, learn: ReviewItem['learn'], now: number): ReviewItem {
  const at = fromMilliseconds(now - 3 * DAY);
  return {
    id: id.repeat(32),
    kind,
    detection: {
      type,
      time: at,
      source: end('10.20.1.41', 'ENG-WS-04'),
      destination: end('10.20.2.11', 'PLC-PUMP-1'),
      protocol: 's7comm',
      message,
      expected: 'no such operation',
      seen: message,
      parameters: {},
      parameterKey: '',
      frames: [311],
      learn,
      internet: false,
    },
    count: 3,
    firstSeen: at,
    lastSeen: fromMilliseconds(now - 2 * DAY),
    frames: [311, 4718, 9920],
    learn,
    state: 'pending',
    by: null,
    at: null,
  };
}

/** @param now milliseconds since 1970 */
export async function keepSampleBaseline(
  store: Pick<Store, 'baseline' | 'reviews'>,
  sensor: string,
  audit: Audit,
  now: number,
): Promise<void> {
  let at = now - 9 * DAY;
  const desk = new BaselineDesk({ store, sensors: {}, audit, clock: () => (at += DAY) });
  await desk.import(sensor, FIRST, { by: 'eva', reason: 'as it was at the acceptance test', dryRun: false });
  await desk.edit(sensor, [WILDCARD], [], { by: 'eva', reason: 'the historian reads everything', dryRun: false });
  await desk.edit(sensor, [], ['modbus.function 10.20.1.22 -> 10.20.2.13 unit=1 function=16'], {
    by: 'otto',
    reason: 'the panel only reads',
    dryRun: false,
  });
  const learn = [{ aspect: 'program.upload', source: '10.20.1.41', destination: '10.20.2.11', value: '' }];
  const upload = 'ENG-WS-04 (10.20.1.41) reads the program of PLC-PUMP-1 (10.20.2.11): Start upload of OB 1 (function 0x1d).';
  const stop = 'ENG-WS-04 (10.20.1.41) stops PLC-PUMP-1 (10.20.2.11): PLC Stop (function 0x29).';
  await store.reviews.put(sensor, [
    seen('a', 'program-upload', 'unauthorized-plc-program-upload', upload, learn, now),
    seen('b', 'stop', 'an-s7-stop-plc-command-was-sent', stop, [], now),
  ]);
}
