/**
 * Pages of the documentation that are tables of the code: what each role may do, every type of alert and of event, the API, and
 * the engines' table in the README.
 *
 *     npx node packages/server/tests/reference-pages.ts      writes them anew
 *
 * `reference-pages.test.ts` holds the files against the code.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AlertType } from '@annunciator/core/alert-type';
import { CATALOGUE, ENGINE_NAMES } from '@annunciator/core/catalogue';
import { EVENT_TYPES, type EventType } from '@annunciator/core/event-types';
import { ACTIONS, mayHere, meaningOf, PORTAL_ROLES, ROLES, SENSOR_ROLES, type Standing, standingOf } from '@annunciator/core/roles';
import { thresholdText } from '@annunciator/core/threshold-text';
import { ASPECTS, type AspectField } from '@annunciator/sensor/baseline/aspects';
import { CONVERSATIONS, ENDS, type FieldDefinition, FIELDS } from '@annunciator/sensor/rules/fields';
import { BUILT_IN_GROUPS } from '@annunciator/sensor/rules/rule';
import { ALERT_COLUMNS, GROUP_COLUMNS } from '@annunciator/store/alert-query';
import { FILTERS, firstPages, groupings, type Question, RANGES, SEARCHES, USUAL_SORTS } from '../bench/questions.ts';
import { apiDescription, apiPage } from './api-page.ts';
import { customAlertsPage } from './custom-alerts-page.ts';

const ROOT = join(import.meta.dirname, '../../..');
export const WRITE_ANEW = 'npx node packages/server/tests/reference-pages.ts';

/** Files by path from the root, with the text they should hold. */
export async function referencePages(): Promise<ReadonlyMap<string, string>> {
  const description = await apiDescription();
  return new Map([
    ['docs/reference/roles.md', rolesPage()],
    ['docs/reference/alerts.md', alertsPage()],
    ['docs/reference/events.md', eventsPage()],
    ['docs/reference/custom-alerts.md', customAlertsPage(table, WRITE_ANEW)],
    ['docs/reference/baseline-grammar.md', withAspects(readPage('docs/reference/baseline-grammar.md'))],
    ['docs/reference/rule-grammar.md', withFields(readPage('docs/reference/rule-grammar.md'))],
    ['docs/reference/api.md', apiPage(description)],
    ['docs/reference/portal-performance.md', withQuestions(readPage('docs/reference/portal-performance.md'))],
    ['README.md', withEngines(readPage('README.md'))],
  ]);
}

export function readPage(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');

function rolesPage(): string {
  const mark = (yes: boolean): string => (yes ? 'yes' : '-');
  const rows = (standing: Standing): string =>
    table(
      ['Action', 'What it is', ...PORTAL_ROLES, ...SENSOR_ROLES],
      ACTIONS.filter((action) => standingOf(action) === standing).map((action) => [
        `\`${action}\``,
        meaningOf(action),
        ...ROLES.map((role) => mark(mayHere(role, action))),
      ]),
    );
  return `# Roles

A user has one or several grants. A grant is a role, and where it holds: for everything, for a site, or for a zone of a site.
What one grant allows, no other takes away. \`GET /api/session\` lists what the caller may do, under \`permissions\`, in the
words of these tables. What nobody granted is refused with status 403 and a sentence; what stands where the caller may not
look is not found, and in no list, count, group, search, map or export.

The first four roles are those of the portal, the last three those of a sensor's own console. A portal that holds its sensors
itself, as \`annunciator up\` does, lets its roles act on them: Security Reader as Viewer, Security Admin and Contributor as
Security Analyst, Owner as Admin. The tables say what comes of both.

A token has one role and acts for its user: it may do what both may. Nobody can hand out more than they have. A user whose
password was set by somebody else may do nothing but set a new one.

This page is written from the code: \`${WRITE_ANEW}\`.

## At a place

These can be granted for everything, for a site or for a zone.

${rows('placed')}

Packets are a permission of their own: a grant can include \`alerts.pcap\` for a role that has it not, or withhold it from one
that has it.

## For the whole system

These come from a grant for everything only. A role for a site does not include them.

${rows('whole')}
`;
}

/** Captures named in a cell; the file holds them all. */
const MOST_CAPTURES = 3;

/** Public captures by the type they raise, as `npm run accuracy` found. */
function capturesByType(): Readonly<Record<string, readonly string[]>> {
  return JSON.parse(readPage('docs/reference/alert-captures.json')) as Record<string, string[]>; // the file that this project writes
}

function alertsPage(): string {
  const captures = capturesByType();
  const parts = Object.entries(ENGINE_NAMES).flatMap(([engine, name]) => {
    const types = CATALOGUE.filter((type) => type.engine === engine);
    if (types.length === 0) return [];
    const detected = types.filter((type) => type.detected);
    const missing = types.filter((type) => !type.detected);
    return [
      `## ${name}`,
      '',
      `${detected.length} of ${types.length} types are detected.`,
      '',
      ...(detected.length > 0
        ? [
            table(
              ['Title and id', 'Severity', 'ATT&CK', 'Raised when', 'Threshold', 'Answer', 'Switched on', 'Where', 'Captures'],
              detected.map((type) => alertCells(type, captures[type.id] ?? [])),
            ),
            '',
          ]
        : []),
      ...detected.flatMap((type) =>
        type.also.length === 0 ? [] : [`**${type.title}** is raised, too, when:`, '', ...type.also.map((one) => `- ${one}`), ''],
      ),
      ...(missing.length > 0
        ? [
            'Not detected yet:',
            '',
            table(
              ['Title and id', 'Severity', 'ATT&CK', 'Why not'],
              missing.map((type) => [nameCell(type), type.severity, attackCell(type), type.trigger]),
            ),
            '',
          ]
        : []),
    ];
  });
  return `# Types of alert

The catalogue has ${CATALOGUE.length} types. This version detects ${CATALOGUE.filter((type) => type.detected).length} of them; the
others are listed with the reason, so that it is clear what is not watched. \`npx annunciator coverage\` prints the same, also as JSON and CSV, and
with \`--format navigator\` as a layer of the ATT&CK Navigator for the ICS matrix.

- **Severity** is the sensor's word. The portal shows Critical as High, Major as Medium, Minor and Warning as Low.
- **Raised when**: what is looked for. "After learning" means that the baseline did not hold it when learning ended. **Threshold**: how often,
  where once is not enough.
- **Answer**: what silences it when the traffic is normal, see [answering alerts](../guides/answering-alerts.md).
- **Switched on**: types that are off are raised with \`--enable-all\`.
- **Where**: "OT" types are raised only where an OT device or an OT protocol takes part, unless \`--focus any\` is given.
- **Captures**: the public captures that raise it with all types on, some of them only with nothing learned
  ([all of them](alert-captures.json)). Types without a capture are raised by written traffic in the tests.

This page is written from the code: \`${WRITE_ANEW}\`.

${parts.join('\n')}`;
}

/** Types that nothing writes yet: their protocol is not read to that depth, or the thing they tell of is not built. */
const UNWRITTEN: ReadonlySet<EventType> = new Set<EventType>([
  'SCL_UPLOADED',
  'EXCLUSION_RULE_CREATED',
  'EXCLUSION_RULE_REMOVED',
  'EXCLUSION_RULE_UPDATED',
  'REPORT_CREATED',
  'SRTP_PLC_RESET',
  'SRTP_PLC_CHANGE_PASSWORD',
  'OPC_DATA_ACCESS_GROUP_MANAGEMENT_OPERATION',
  'OPC_DATA_ACCESS_ITEM_MANAGEMENT_OPERATION',
  'OPC_DATA_ACCESS_IO_SUBSCRIPTION_MANAGEMENT_OPERATION',
  'OPC_AE_EVENT_SUBSCRIPTION',
  'OPC_AE_EVENT_CONDITION_MANAGEMENT_OPERATION',
  'OPC_AE_EVENT',
  'SUITELINK_INIT_CONNECTION',
  'DIP_UPLOADED',
  'DIP_FAILURE',
  'DELTAV_PROGRAMMING',
  'USER_DEFINED_RULE_CREATED',
  'USER_DEFINED_RULE_EDITED',
  'USER_DEFINED_RULE_DELETED',
  'USER_DEFINED_RULE_OPERATION',
  'NOTIFICATION',
  'CONFIGURATION_OF_CLEARTEXT_PASSWORD',
  'CAMP_MEMORY_WRITE_OPERATION',
]);

function eventsPage(): string {
  const all = Object.entries(EVENT_TYPES).map(([id, type]) => ({
    id,
    ...type,
    user: 'user' in type,
    written: !UNWRITTEN.has(id as EventType),
  }));
  const rows = (user: boolean): string =>
    table(
      ['Title', 'Id', 'Severity'],
      all.filter((type) => type.written && type.user === user).map(({ title, id, severity }) => [title, `\`${id}\``, severity]),
    );
  return `# Event timeline

The timeline holds what happened, newest first: alerts, devices that appeared or changed, programs and configurations that were
read or written, sign-ins, what people did. It holds the newest events up to a number, 500,000 unless \`--timeline-events\` says
otherwise; the oldest go first.

- \`GET /api/events\` finds them: by text, time, severity, type, device, group of devices, sensor, each also left out.
- \`GET /api/events.csv\` is the same as a file.
- \`POST /api/events\` enters an event by hand (\`CUSTOM_EVENT\`), with a severity that the person chooses.
- Of one type a sensor writes 600 lines in a minute of packet time; the rest is counted, and told in one line when the minute is over.
- The id of an event is made from what it says, so that a replayed capture writes the same events.

There are ${all.length} types; ${all.filter(({ written }) => written).length} of them are written today.

This page is written from the code: \`${WRITE_ANEW}\`.

## What happened on the network

${rows(false)}

## What people did

Hidden unless the timeline is asked to show user operations.

${rows(true)}

## Not written yet

${all
  .filter(({ written }) => !written)
  .map(({ title, id }) => `${title} (\`${id}\`)`)
  .join(', ')}.
`;
}

const nameCell = (type: AlertType): string => `${type.title}<br>\`${type.id}\``;
const attackCell = (type: AlertType): string => type.techniques.map(({ id, name }) => `${id} ${name}`).join('<br>');

function alertCells(type: AlertType, captures: readonly string[]): string[] {
  const more = captures.length - MOST_CAPTURES;
  const named = captures.slice(0, MOST_CAPTURES).map((name) => name.replace(/\.pcap(ng)?$/, ''));
  return [
    nameCell(type),
    type.severity,
    attackCell(type),
    type.trigger,
    thresholdText(type.threshold),
    type.learnable ? 'learn' : type.muteable ? 'mute' : 'close',
    type.disabledByDefault ? 'off' : 'on',
    type.focus === 'any' ? 'anywhere' : 'OT',
    named.join(', ') + (more > 0 ? ` and ${more} more` : ''),
  ];
}

const BEGIN = '<!-- engines -->';
const END = '<!-- /engines -->';

/** The README with the table between the two marks made anew. */
function withEngines(readme: string): string {
  const rows = Object.entries(ENGINE_NAMES).flatMap(([engine, name]) => {
    const types = CATALOGUE.filter((type) => type.engine === engine);
    return types.length === 0
      ? []
      : [[name, String(types.filter((type) => type.detected).length), String(types.length), ENGINE_SAYS[engine] ?? '']];
  });
  const detected = CATALOGUE.filter((type) => type.detected).length;
  const text = table(
    ['Engine', 'Types detected', 'Types in the catalogue', 'What it judges'],
    [...rows, ['all', detected, CATALOGUE.length, '']],
  );
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`README.md has lost its marks ${BEGIN} and ${END}`);
  return `${readme.slice(0, begin)}${BEGIN}\n\n${text}\n\n${readme.slice(end)}`;
}

const ENGINE_SAYS: Readonly<Record<string, string>> = {
  PolicyViolation: 'what was never seen while learning: a device, a function code, an address range, a programming device',
  ProtocolViolation: 'messages that break their protocol, and errors that a peer answers',
  Malware: 'traffic that known attacks and tools leave behind',
  Anomaly: 'scans, floods, spoofing, guessed passwords, changes of rhythm and volume',
  Operational: 'stops, restarts, failed operations, devices that no longer answer',
};

/** The aspects of the baseline, each with the fields of its entries. */
function withAspects(page: string): string {
  const fieldOf = ({ name, text, words }: AspectField): string => {
    const known = Object.values(words);
    return `\`${name}\`${text ? ' (text)' : known.length > 0 ? ` (${known.join(', ')})` : ''}`;
  };
  const rows = Object.values(ASPECTS)
    .toSorted((x, y) => (x.name < y.name ? -1 : 1))
    .map(({ name, between, fields, items, alert, it, operation }) => [
      `\`${name}\``,
      between === 'pair' ? 'two' : 'one',
      [...fields.map(fieldOf), ...(items === undefined ? [] : [`\`${items}\` (intervals)`])].join(', '),
      `\`${alert}\``,
      [it && 'IT', operation && 'operation'].filter(Boolean).join(', '),
    ]);
  return filled(page, 'aspects', table(['Aspect', 'Ends', 'Fields', 'Alert type', ''], rows));
}

/** What rules can ask for: groups, fields that every protocol has, and those of each. */
function withFields(page: string): string {
  const protocols = [...FIELDS.values()].filter(({ protocol }) => !CONVERSATIONS.has(protocol));
  const [first] = protocols;
  const common = [...first.fields.values()].filter(({ name, about }) => protocols.every(({ fields }) => fields.get(name)?.about === about));
  const isOwn = ({ name }: FieldDefinition): boolean => !common.some((one) => one.name === name);
  const groups = Object.entries(BUILT_IN_GROUPS).map(([name, about]) => [`\`${name}\``, about]);
  const rows = protocols
    .toSorted((x, y) => (x.protocol < y.protocol ? -1 : 1))
    .map(({ protocol, name, fields }) => {
      const own = [...fields.values()].filter(isOwn).map((field) => `\`${field.name}\`${field.item ? '*' : ''}`);
      return [`\`${protocol}\``, name, own.join(', ') || '-'];
    });
  const both = [...CONVERSATIONS].map((protocol) => `\`${protocol}\``).join(' and ');
  const ends = ENDS.map(({ name }) => `\`${name}\``).join(', ');
  const shared = `${table(
    ['Field', 'Kind', 'Meaning'],
    common.map(({ name, kind, about, words }) => [
      `\`${name}\``,
      kind,
      [about, Object.values(words).join(', ')].filter(Boolean).join(': '),
    ]),
  )}\n\n${both} are about conversations that begin: they have ${ends} and no more.`;
  const parts = {
    groups: table(['Group', 'Who is in it'], groups),
    fields: shared,
    protocols: table(['Protocol', 'Name', 'Fields'], rows),
  };
  return Object.entries(parts).reduce((text, [name, content]) => filled(text, name, content), page);
}

/** What the benchmark of the portal asks. */
function withQuestions(page: string): string {
  const now = Date.now();
  const listed = (questions: readonly Question[]): string =>
    table(
      ['What', 'In the address'],
      questions.map(([name, query]) => [name, `\`${decodeURIComponent(query).replaceAll('|', '\\|')}\``]),
    );
  const parts = {
    count: `${firstPages(now).length} first pages: each of the ${ALERT_COLUMNS.length} columns as the sort, up and down; each filter of the table alone, with each
other one, with the sorts ${USUAL_SORTS.map((sort) => `\`${sort}\``).join(', ')}, and within the last ${RANGES.join(', ')} days; and what is open, High, of one site
and of the last week, by severity.`,
    filters: listed(FILTERS),
    groups: `${groupings(now).length} counts: by ${GROUP_COLUMNS.map((column) => `\`${column}\``).join(', ')}, each of all alerts, of the open ones, of the last 30 days,
and as the values that Add filter offers beside two other filters.`,
    searches: listed(SEARCHES),
  };
  return Object.entries(parts).reduce((text, [name, content]) => filled(text, name, content), page);
}

/** The page with new content between its marks of this name. */
function filled(page: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has lost its marks ${begin} and ${end}`);
  return `${page.slice(0, from)}${begin}\n\n${content}\n\n${page.slice(to)}`;
}

if (import.meta.main) {
  for (const [path, text] of await referencePages()) writeFileSync(join(ROOT, path), text);
}
