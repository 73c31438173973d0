/** Custom alert rules: what somebody at the plant wants to hear about, whatever the sensor has learned. */
import { Link, Switch } from '@fluentui/react-components';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { DetectionTime } from '../alerts/detection-time.tsx';
import { SeverityMark } from '../alerts/severity-mark.tsx';
import { actOnRules, fetchRules, type Rule, RULE_SEVERITIES } from '../api/rules.ts';
import { ChoiceFilter } from '../grid/choice-filter.tsx';
import { ListPage } from '../grid/list-page.tsx';
import { type RecordColumn, RecordGrid } from '../grid/record-grid.tsx';
import { SearchField } from '../grid/search-field.tsx';
import { useListAddress } from '../grid/use-list-address.ts';
import { useMarks } from '../grid/use-marks.ts';
import { useSession } from '../session/session-gate.tsx';
import { useNotice } from '../shell/notices.tsx';
import { RulePane } from './rule-pane.tsx';
import { RuleToolbar } from './rule-toolbar.tsx';
import { PORTAL_SEVERITY, stateWord } from './rule-words.ts';
import { SEVERITY_MEANINGS } from '../words/word-help.ts';

interface RuleColumn extends RecordColumn<Rule> {
  /** What the column sorts by. */
  readonly value: (rule: Rule) => string | number;
}

const actionWord = ({ action }: Rule): string => (action.kind === 'alert' ? 'Alert' : 'Event');

function columns(onSwitch: ((rule: Rule) => void) | null): readonly RuleColumn[] {
  return [
    { id: 'name', label: 'Name', minimum: 220, grows: 3, isTitle: true, value: (rule) => rule.name, cell: (rule) => rule.name },
    {
      id: 'severity',
      label: 'Severity',
      minimum: 132,
      value: (rule) => RULE_SEVERITIES.indexOf(rule.action.severity),
      cell: (rule) => <SeverityMark severity={PORTAL_SEVERITY[rule.action.severity]} />,
      meanings: SEVERITY_MEANINGS,
    },
    { id: 'action', label: 'Action', minimum: 76, value: actionWord, cell: actionWord },
    { id: 'protocol', label: 'Protocol', minimum: 110, value: (rule) => rule.protocol, cell: (rule) => rule.protocol },
    {
      id: 'state',
      label: 'State',
      minimum: 150,
      value: stateWord,
      cell: (rule) =>
        onSwitch && rule.problems.length === 0 ? (
          // A press on the switch is no press on the row.
          <span onClick={(event) => event.stopPropagation()} onKeyDown={(event) => event.stopPropagation()}>
            <Switch
              checked={rule.enabled}
              label={{ children: stateWord(rule), 'aria-hidden': true }}
              aria-label={`${rule.name} is enabled`}
              onChange={() => onSwitch(rule)}
            />
          </span>
        ) : (
          stateWord(rule)
        ),
    },
    {
      id: 'lastTriggered',
      label: 'Last triggered',
      minimum: 168,
      value: (rule) => rule.lastTriggered ?? '',
      cell: (rule) => (rule.lastTriggered === null ? 'Never' : <DetectionTime at={rule.lastTriggered} />),
    },
    {
      id: 'countInWeek',
      label: 'In the last week',
      minimum: 124,
      value: (rule) => rule.countInWeek,
      cell: (rule) => rule.countInWeek.toLocaleString('en'),
    },
    {
      id: 'modifiedAt',
      label: 'Last modified',
      minimum: 168,
      value: (rule) => rule.modifiedAt,
      cell: (rule) => <DetectionTime at={rule.modifiedAt} />,
    },
  ];
}

const FILTERS: readonly (readonly [key: string, label: string, value: (rule: Rule) => string])[] = [
  ['state', 'State', stateWord],
  ['action', 'Action', actionWord],
  ['severity', 'Severity', (rule) => rule.action.severity],
  ['protocol', 'Protocol', (rule) => rule.protocol],
];

const ORDER = new Intl.Collator('en', { numeric: true });
const NO_RULES: readonly Rule[] = [];

export function Page() {
  const address = useListAddress('name');
  const session = useSession();
  const notice = useNotice();
  const queries = useQueryClient();
  const list = useQuery({ queryKey: ['rules', 'list'], queryFn: fetchRules, refetchInterval: 30_000 });
  const mayEdit = session.may('customRules.edit');
  const act = useMutation({
    mutationFn: ({ action, ids }: { action: 'enable' | 'disable' | 'delete'; ids: readonly string[] }) => actOnRules(action, ids),
    onSuccess: async ({ changed }, { action }) => {
      await queries.invalidateQueries({ queryKey: ['rules', 'list'] });
      notice({ intent: 'success', text: `${changed === 1 ? 'One rule' : `${changed} rules`} ${DONE[action]}.` });
    },
    onError: (error) => notice({ intent: 'error', text: error.message }),
  });
  const all = list.data ?? NO_RULES;
  const shownColumns = columns(mayEdit ? (rule) => act.mutate({ action: rule.enabled ? 'disable' : 'enable', ids: [rule.id] }) : null);
  const search = address.search.toLowerCase();
  const matches = (rule: Rule, exceptKey?: string) =>
    [rule.name, rule.message, rule.condition, rule.modifiedBy].some((part) => part.toLowerCase().includes(search)) &&
    FILTERS.every(([key, , value]) => {
      const chosen = address.chosen(key);
      return key === exceptKey || chosen.length === 0 || chosen.includes(value(rule));
    });
  const sorted = shownColumns.find(({ id }) => id === address.sort.column);
  const sign = address.sort.descending ? -1 : 1;
  const rules = all
    .filter((rule) => matches(rule))
    .toSorted(
      (a, b) => (sorted ? sign * ORDER.compare(String(sorted.value(a)), String(sorted.value(b))) : 0) || ORDER.compare(a.name, b.name),
    );
  const marks = useMarks(rules, ({ id }) => id, address.query.toString(), rules.length);
  const open = all.find(({ id }) => id === address.open);
  const number = rules.length === 1 ? '1 rule' : `${rules.length.toLocaleString('en')} rules`;
  const enabled = all.filter((rule) => stateWord(rule) === 'Enabled').length;
  return (
    <ListPage
      title="Custom alert rules"
      updated={list.dataUpdatedAt}
      counts={rules.length === all.length ? `${number}, ${enabled} enabled` : `${number} of ${all.length}`}
      isLoading={list.isLoading}
      isEmpty={rules.length === 0}
      error={list.error}
      emptyText="No custom alert rules yet"
      onClear={address.hasFilters ? address.clear : null}
      onRefresh={() => void list.refetch()}
      actions={<RuleToolbar marked={marks.rows} mayEdit={mayEdit} onAct={(action, ids) => act.mutate({ action, ids })} />}
      aside={
        marks.count > 0 && (
          <>
            <span>{`${marks.count} marked`}</span>
            <Link as="button" onClick={marks.clear}>
              Clear the marks
            </Link>
          </>
        )
      }
      filters={
        <>
          <SearchField label="Search rules" value={address.search} onSearch={(text) => address.set('search', text === '' ? [] : [text])} />
          {FILTERS.map(([key, label, value]) => (
            <ChoiceFilter
              key={key}
              label={label}
              choices={[
                ...Map.groupBy(
                  all.filter((rule) => matches(rule, key)),
                  value,
                ),
              ].map(([found, of]) => ({ value: found, label: found, count: of.length }))}
              chosen={address.chosen(key)}
              onChange={(chosen) => address.set(key, chosen)}
            />
          ))}
        </>
      }
      pane={open && <RulePane key={open.id} rule={open} mayEdit={mayEdit} onClose={() => address.setOpen(null)} />}
    >
      <RecordGrid
        label="Rules"
        rows={rules}
        columns={shownColumns}
        sort={address.sort}
        isOld={false}
        openId={address.open}
        {...(mayEdit ? { marks } : {})}
        idOf={({ id }) => id}
        onSort={address.toggleSort}
        onOpen={address.setOpen}
      />
    </ListPage>
  );
}

const DONE = { enable: 'enabled', disable: 'disabled', delete: 'deleted' } as const;
