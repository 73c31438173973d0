/** `annunciator alert pcap`: the packets of an alert, from a running system or a stopped one. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readEvidence } from '@annunciator/server/alerts/packet-evidence';
import type { Store } from '@annunciator/store/store';
import { UsageError } from '../exit-codes.ts';
import { askBytes } from './ask-running.ts';
import { onData } from './on-data.ts';

/** Writes the packets of an alert as pcapng to a file, or to standard output for `-`. Gives the path. @throws Error that says why there are none */
export async function writeAlertPcap(data: string, alert: string, out: string | undefined): Promise<string> {
  if (!existsSync(join(data, 'annunciator.sqlite')))
    throw new UsageError(`There is no data of Annunciator in ${data}; name its data directory with --data.`);
  const bytes = await onData(data, {
    running: (system) => askBytes(system, 'GET', `/api/alerts/${encodeURIComponent(alert)}/pcap`),
    stopped: (store) => stored(store, data, alert),
  });
  if (out === '-') {
    await new Promise<void>((resolve, reject) => process.stdout.write(bytes, (error) => (error ? reject(error) : resolve())));
    return out;
  }
  const path = out ?? `alert-${alert.replaceAll(/[^\w.-]/g, '_')}.pcapng`;
  await writeFile(path, bytes);
  return path;
}

async function stored(store: Store, data: string, id: string): Promise<Buffer> {
  const alert = await store.alerts.get(id);
  if (!alert) throw new Error(`There is no alert with the id "${id}". It may have been removed by retention.`);
  const record = (await store.evidence.list()).find((one) => one.alert === id);
  if (!record) throw new Error(alert.pcap.reason ?? 'Its packets are not kept here.');
  const found = await readEvidence(join(data, 'packets', 'evidence'), record.sha256);
  if (typeof found === 'string') throw new Error(found);
  await store.audit.record({
    at: Date.now(),
    who: 'command line of this machine',
    action: 'alert.pcap',
    on: [id],
    details: { sha256: record.sha256 },
  });
  return found;
}
