/** Runs `annunciator rules list`, `export`, `import`, and `test` on what a sensor has: on a running system or in its store. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RuleDesk, type RuleImport } from '@annunciator/server/rules/rule-desk';
import { ruleSchema, trialSchema, trialView, viewOf } from '@annunciator/server/rules/rule-view';
import { problemSchema } from '@annunciator/server/http/error-answers';
import type { Store } from '@annunciator/store/store';
import { z } from 'zod';
import { UsageError } from '../exit-codes.ts';
import { printable } from '../formats/printable.ts';
import { table } from '../formats/table.ts';
import { writeFile, writeOut } from '../output.ts';
import { refuseFaults } from '../rules-run.ts';
import { ask } from './ask-running.ts';
import { onData } from './on-data.ts';
import type { RunningSystem } from './running.ts';
import { knownDevices, tryOnHistory } from './rule-trial.ts';

const WIDTH = 116;
/** Name under which the command line acts in the store of a stopped system. */
const COMMAND_LINE = 'command line';

type RuleView = z.infer<typeof ruleSchema>;

export async function listRules(data: string): Promise<void> {
  const rules = await onData<readonly RuleView[]>(data, {
    running: async (system) => z.object({ rules: z.array(ruleSchema) }).parse(await ask(system, 'GET', '/api/rules')).rules,
    stopped: async (store) => (await deskOf(store, data).list()).map(viewOf),
  });
  if (rules.length === 0) {
    console.log('There are no rules. Write some and bring them in with "annunciator rules import".');
    return;
  }
  const rows = rules.map(({ name, protocol, enabled, problems, lastTriggered, countInWeek, modifiedAt, modifiedBy }) => [
    printable(name),
    protocol,
    problems.length > 0 ? 'cannot be used' : enabled ? 'enabled' : 'disabled',
    lastTriggered ?? 'never',
    countInWeek.toLocaleString('en'),
    `${modifiedAt.slice(0, 19)}Z by ${printable(modifiedBy)}`,
  ]);
  const columns = [
    { title: 'Rule', least: 20 },
    { title: 'Protocol' },
    { title: 'State' },
    { title: 'Last triggered' },
    { title: 'In a week', align: 'right' },
    { title: 'Modified', least: 20 },
  ] as const;
  for (const line of table(columns, rows, WIDTH)) console.log(line);
  for (const { name, problems } of rules) for (const { message } of problems) console.log(`${printable(name)}: ${printable(message)}`);
}

export async function exportRules(data: string, out: string | undefined): Promise<void> {
  const text = await onData(data, {
    running: async (system) => z.object({ text: z.string() }).parse(await ask(system, 'GET', '/api/rules/text')).text,
    stopped: (store) => deskOf(store, data).text(),
  });
  if (out === undefined) await writeOut([text]);
  else await writeFile(out, [text]);
}

export async function importRules(file: string, { data, dryRun }: { data: string; dryRun: boolean }): Promise<void> {
  const text = await readFile(file, 'utf8');
  const outcome = await onData<RuleImport>(data, {
    running: async (system) => {
      await refuseOn(system, file, text);
      return importSchema.parse(await ask(system, 'POST', '/api/rules/import', { text, dryRun }));
    },
    stopped: async (store) => {
      const desk = deskOf(store, data);
      refuseFaults(file, await desk.check(text));
      return desk.import(text, { by: COMMAND_LINE, dryRun });
    },
  });
  const { created, edited, removed, settings } = outcome;
  for (const name of removed) console.log(`- ${printable(name)}`);
  for (const name of created) console.log(`+ ${printable(name)}`);
  for (const name of edited) console.log(`~ ${printable(name)}`);
  if (settings) console.log('~ time zone, working hours or groups');
  const count = created.length + edited.length + removed.length;
  if (count === 0 && !settings) console.log('Nothing is different; nothing was changed.');
  else
    console.log(
      `${created.length} ${dryRun ? 'would be new' : 'new'}, ${edited.length} changed, ${removed.length} deleted${dryRun ? '; nothing was changed' : ''}.`,
    );
}

const names = z.array(z.string());
const importSchema = z.object({ created: names, edited: names, removed: names, settings: z.boolean() });

/** Tries a text of rules on the packets of a sensor of the system, or the only one. */
export async function trialOnSystem(
  data: string,
  sensor: string | undefined,
  file: string,
  limit: number,
): Promise<z.infer<typeof trialSchema>> {
  const text = await readFile(file, 'utf8');
  return onData(data, {
    running: async (system) => {
      await refuseOn(system, file, text);
      const status = z.object({ sensors: z.array(z.object({ name: z.string() })) }).parse(await ask(system, 'GET', '/api/status'));
      const body = {
        sensor: chosen(
          status.sensors.map(({ name }) => name),
          sensor,
        ),
        text,
        limit,
      };
      return trialSchema.parse(await ask(system, 'POST', '/api/rules/test', body));
    },
    stopped: async (store) => {
      const of = chosen(await store.baseline.sensors(), sensor);
      const desk = deskOf(store, data);
      refuseFaults(file, await desk.check(text));
      const { names: called, complete, ...trial } = await desk.try(of, { text }, limit);
      return { ...trialView(trial, called), complete };
    },
  });
}

/** Faults are told with the name of the file. Groups may be those of the system, which only it knows. */
async function refuseOn(system: RunningSystem, file: string, text: string): Promise<void> {
  const answer = await ask(system, 'POST', '/api/rules/check', { text });
  refuseFaults(file, z.object({ problems: z.array(problemSchema) }).parse(answer).problems);
}

function chosen(sensors: readonly string[], sensor: string | undefined): string {
  const there = sensors.length > 0 ? `There ${sensors.length === 1 ? 'is' : 'are'} ${sensors.join(', ')}.` : 'There is none yet.';
  if (sensor !== undefined && !sensors.includes(sensor)) throw new UsageError(`There is no sensor "${sensor}". ${there}`);
  if (sensor !== undefined) return sensor;
  if (sensors.length === 1) return sensors[0];
  throw new UsageError(sensors.length === 0 ? 'No sensor has seen anything here yet: give --capture.' : `${there} Name one with --sensor.`);
}

function deskOf(store: Store, data: string): RuleDesk {
  return new RuleDesk({
    store,
    audit: store.audit,
    timeline: (events, { sensor }) => void store.timeline.append(sensor, events),
    sensors: {
      status: async () => (await store.baseline.sensors()).map((name) => ({ name, lastPacket: null })),
      tryRules: async (sensor, set, limit) =>
        tryOnHistory(join(data, 'packets'), { set, limit, memory: await knownDevices(store, sensor) }),
    },
  });
}
