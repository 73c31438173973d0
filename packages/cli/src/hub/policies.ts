/** Shared access policies from the command line. They are read where they lie, whether the hub runs or not. */
import { policyConnectionString } from '@annunciator/hub/authentication/connection-string';
import { type ReadableRecords, readHubRecords } from '@annunciator/hub/state/hub-records';
import { table } from '../formats/table.ts';
import { withHub } from './hub-client.ts';
import { hubDirectory } from './run-hub.ts';

async function records(data: string): Promise<ReadableRecords> {
  const directory = hubDirectory(data);
  const kept = readHubRecords(directory);
  if (kept) return kept;
  // A hub that never ran is made now.
  await withHub(data, async () => {});
  const made = readHubRecords(directory);
  if (!made) throw new Error(`There is no hub in ${directory}: start one with "annunciator hub".`);
  return made;
}

/** The connection string of a policy. */
export async function showPolicy(data: string, name: string): Promise<string> {
  const {
    names: [host],
    policies,
  } = await records(data);
  const policy = policies.find((known) => known.name === name);
  if (policy) return policyConnectionString(host, policy);
  throw new Error(`There is no policy ${name}. The policies are ${policies.map((known) => known.name).join(', ')}.`);
}

export async function listPolicies(data: string): Promise<string[]> {
  const { policies } = await records(data);
  return table(
    [{ title: 'POLICY' }, { title: 'RIGHTS' }],
    policies.map(({ name, rights }) => [name, rights.join(', ')]),
    process.stdout.columns ?? 120,
  );
}
