/** The Alerts page: what is asked is in its address, what is marked and what came in meanwhile in the hooks beside it. */
import { Button, Link, makeStyles, Spinner, Text, Title3, tokens } from '@fluentui/react-components';
import { lazy, Suspense, useCallback, useEffect, useRef, useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';

import type { AlertAction, Target } from '../api/jobs.ts';
import { useSession } from '../session/session-gate.tsx';
import { usePreference } from '../shell/preferences.ts';
import { formatClock } from '../time/zone-time.ts';
import { alerts } from './action-words.ts';
import { DEFAULT_RANGE, type GridAddress, RANGES, serverQuery, useGridAddress, viewAddress } from './address.ts';
import { AlertGrid } from './alert-grid.tsx';
import { AlertPane } from './alert-pane.tsx';
import { AlertToolbar } from './alert-toolbar.tsx';
import { ArrivalsPill } from './arrivals-pill.tsx';
import { COLUMNS, DEFAULT_COLUMNS, filterLabel, storedColumns } from './columns.tsx';
import { EmptyGrid } from './empty-grid.tsx';
import { FilterBar } from './filter-bar.tsx';
import { useAlertActions } from './use-alert-actions.ts';
import { useAlertGroups, useAlertList } from './use-alerts.ts';
import { useArrivals } from './use-arrivals.ts';
import { useSelection } from './use-selection.ts';
import { useTriageKeys } from './use-triage-keys.ts';

// What is opened on a press is loaded on a press.
const EditColumnsPane = lazy(() => import('../grid/edit-columns-pane.tsx'));
const LearnDialog = lazy(() => import('./learn-dialog.tsx'));
const ConfirmDialog = lazy(() => import('./confirm-dialog.tsx'));
const ShortcutsHelp = lazy(() => import('./shortcuts-help.tsx'));

/** Preferences of the person: the columns, and whether letters are keys. */
const COLUMNS_PREFERENCE = 'alerts.columns';
const KEYS_PREFERENCE = 'keys';
/** From so many alerts on, an action asks first. */
const ASKS_FROM = 20;

const useStyles = makeStyles({
  page: { height: '100%', display: 'grid', gridTemplateColumns: 'minmax(0, 1fr) auto', position: 'relative' },
  main: { display: 'grid', gridTemplateRows: 'auto auto auto auto minmax(0, 1fr)', minHeight: 0, minWidth: 0 },
  heading: { display: 'flex', alignItems: 'baseline', gap: '12px', padding: '14px 20px 4px' },
  updated: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200, marginLeft: 'auto' },
  counts: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    columnGap: '16px',
    minHeight: '32px',
    padding: '0 20px 4px',
    color: tokens.colorNeutralForeground2,
  },
  grid: { minHeight: 0, minWidth: 0, borderTop: `1px solid ${tokens.colorNeutralStroke2}`, position: 'relative' },
});

/** What an alert is called and how bad it is cannot be taken away. */
const EDITED_COLUMNS = COLUMNS.map(({ id, label }) => ({
  id,
  label,
  ...(['severity', 'title'].includes(id) ? { isTitle: true as const } : {}),
}));

type Pane = 'columns' | 'keys' | null;

export function Page() {
  const styles = useStyles();
  const navigate = useNavigate();
  const session = useSession();
  const actions = useAlertActions();
  const [, setParams] = useSearchParams();
  const [address, change] = useGridAddress();
  const [preferredColumns, setPreferredColumns] = usePreference(COLUMNS_PREFERENCE);
  const [keys, setKeys] = usePreference(KEYS_PREFERENCE);
  const [now, setNow] = useState(Date.now);
  const [widened, setWidened] = useState(false);
  const [current, setCurrent] = useState<string | null>(null);
  const [openGroups, setOpenGroups] = useState<ReadonlyMap<string, number>>(new Map());
  const [learning, setLearning] = useState<Target | null>(null);
  const [asked, setAsked] = useState<{ action: AlertAction; target: Target; count: number } | null>(null);
  const [pane, setPane] = useState<Pane>(null);
  const atTop = useRef(true);

  const columns = storedColumns(address.columns) ?? storedColumns(preferredColumns) ?? DEFAULT_COLUMNS;
  const range = address.range ?? (widened ? 'all' : DEFAULT_RANGE);
  const query = serverQuery(address, range, now);
  const list = useAlertList(query, address.group === null);
  const groups = useAlertGroups(query, address.group, openGroups);
  const rows = address.group === null ? list : groups;
  const shown = rows.items.flatMap((item) => (item.kind === 'alert' ? [item.alert] : []));
  const selection = useSelection(shown, query, rows.matching);

  useEffect(() => {
    document.title = 'Alerts · Annunciator';
  }, []);

  // A replayed capture may be years old: when the default range holds nothing but others do, all of them are shown.
  const emptyByDefault =
    address.range === null &&
    !rows.isOld &&
    !rows.isLoading &&
    rows.matching === 0 &&
    rows.total > 0 &&
    address.filters.length === 0 &&
    address.search === '';
  useEffect(() => {
    if (emptyByDefault) setWidened(true);
  }, [emptyByDefault]);
  useEffect(() => setOpenGroups(new Map()), [address.group]);

  const newestFirst = address.sort.column === 'lastDetection' && address.sort.descending;
  const reads = address.alert !== null || address.group !== null || current !== null || selection.count > 0 || pane !== null;
  const arrivals = useArrivals(
    query,
    () => atTop.current && newestFirst && !reads && learning === null && asked === null,
    () => setNow(Date.now()),
  );
  const refresh = useCallback(() => {
    setNow(Date.now());
    arrivals.clear();
  }, [arrivals.clear]);

  const open = (id: string | null) => {
    setPane(null);
    change({ alert: id }, address.alert !== null && id !== null);
    if (id !== null) setCurrent(id);
  };
  const fullDetails = (id: string) => void navigate(`/alerts/${encodeURIComponent(id)}`, { state: { grid: window.location.search } });
  /** What a key acts on: the marked alerts, else the open one, else the one the keyboard is on. */
  const targets: Target =
    selection.count > 0 ? selection.target : { rows: shown.filter((alert) => alert.id === (address.alert ?? current)) };
  const act = (action: AlertAction, target: Target) => {
    if (!session.may(`alerts.${action.kind}`)) return;
    const count = 'rows' in target ? target.rows.length : rows.matching;
    if (count === 0) return;
    if (action.kind === 'learn') {
      if (!('rows' in target) || target.rows.some((alert) => alert.learnable)) setLearning(target);
    } else if (count >= ASKS_FROM) setAsked({ action, target, count });
    else void actions.act(action, target);
  };
  const run = (action: AlertAction, target: Target) => {
    setLearning(null);
    setAsked(null);
    void actions.act(action, target);
  };

  useTriageKeys(
    {
      shown,
      selection,
      currentId: current,
      openId: address.alert,
      onCurrent: setCurrent,
      onOpen: open,
      onFullDetails: fullDetails,
      onAct: (action) => act(action, targets),
      onRefresh: refresh,
      onHelp: () => setPane('keys'),
      onEscape: () => {
        if (pane !== null) setPane(null);
        else if (address.alert !== null) open(null);
        else selection.clear();
      },
    },
    keys !== false,
  );

  const rangeLabel = RANGES.find(([hours]) => hours === range)?.[1] ?? 'the chosen time range';
  const canSelectEverything =
    !selection.everything && selection.ids.size > 0 && selection.ids.size === shown.length && rows.matching > shown.length;
  return (
    <div className={styles.page}>
      <div className={styles.main}>
        <div className={styles.heading}>
          <Title3 as="h1">Alerts</Title3>
          <Text className={styles.updated}>Updated {formatClock(now)}</Text>
        </div>
        <AlertToolbar
          selection={selection}
          matching={rows.matching}
          query={query}
          address={viewAddress(address, columns)}
          onRefresh={refresh}
          onEditColumns={() => setPane(pane === 'columns' ? null : 'columns')}
          onAct={(action) => act(action, selection.target)}
          onOpenView={(view) => setParams(new URLSearchParams(view))}
          onHelp={() => setPane('keys')}
        />
        <FilterBar address={address} range={range} query={query} onChange={change} />
        <div className={styles.counts}>
          <Text role="status">
            {alerts(rows.matching)}
            {rows.matching !== rows.total && ` of ${rows.total.toLocaleString('en')}`}
            {widened &&
              address.range === null &&
              rows.total > 0 &&
              ` · none in the ${RANGES.find(([hours]) => hours === DEFAULT_RANGE)?.[1].toLowerCase() ?? ''}, so all time is shown`}
          </Text>
          {selection.count > 0 && (
            <Text weight="semibold">
              {selection.count.toLocaleString('en')} selected{' '}
              <Button size="small" appearance="transparent" onClick={selection.clear}>
                Clear
              </Button>
            </Text>
          )}
          {canSelectEverything && (
            <Link as="button" onClick={selection.selectEverything}>
              Select all {rows.matching.toLocaleString('en')} that match
            </Link>
          )}
        </div>
        <div className={styles.grid}>
          <ArrivalsPill arrivals={arrivals} onLoad={refresh} />
          {rows.isLoading ? (
            <Spinner style={{ height: '100%' }} label="Loading" />
          ) : rows.items.length === 0 ? (
            <EmptyGrid
              error={rows.error}
              total={rows.total}
              range={rangeLabel}
              hasFilters={address.filters.length > 0 || address.search !== ''}
              onClear={() => change({ filters: [], search: '' })}
              onAllTime={() => change({ range: 'all', from: null, to: null })}
              onRetry={refresh}
            />
          ) : (
            <AlertGrid
              items={rows.items}
              columns={columns}
              sort={address.sort}
              group={address.group}
              selected={selection.ids}
              openId={address.alert}
              currentId={current}
              isOld={rows.isOld}
              rowCount={address.group === null ? rows.matching : rows.items.length}
              onSort={(column) => change({ sort: { column, descending: nextDirection(column, address.sort) } })}
              onToggle={(alert, toHere) => (toHere ? selection.extendTo(alert) : selection.toggle(alert))}
              onToggleAll={selection.toggleAll}
              onOpen={(alert) => open(alert.id)}
              onCurrent={setCurrent}
              onGroup={(value) => {
                const next = new Map(openGroups);
                if (!next.delete(value)) next.set(value, 1);
                setOpenGroups(next);
              }}
              onGroupMore={(value, all) => {
                if (all && address.group !== null)
                  change({ group: null, filters: [...address.filters, { column: address.group, operator: 'equals', values: [value] }] });
                else setOpenGroups(new Map(openGroups).set(value, (openGroups.get(value) ?? 1) + 1));
              }}
              onNearEnd={rows.loadMore}
              onAtTop={(top) => {
                atTop.current = top;
              }}
            />
          )}
        </div>
      </div>
      <Suspense>
        {pane === 'columns' && (
          <EditColumnsPane
            all={EDITED_COLUMNS}
            defaults={DEFAULT_COLUMNS}
            columns={columns}
            onClose={() => setPane(null)}
            onSave={(chosen) => {
              setPreferredColumns(chosen.join() === DEFAULT_COLUMNS.join() ? null : chosen);
              // The address of a view would else stay in force.
              change({ columns: null }, true);
              setPane(null);
            }}
          />
        )}
        {pane === 'keys' && (
          <ShortcutsHelp enabled={keys !== false} onEnabled={(on) => setKeys(on ? null : false)} onClose={() => setPane(null)} />
        )}
        {learning && <LearnDialog target={learning} onClose={() => setLearning(null)} onLearn={() => run({ kind: 'learn' }, learning)} />}
        {asked && (
          <ConfirmDialog
            asked={{ ...asked, about: 'rows' in asked.target ? null : aboutText(address, rangeLabel) }}
            onClose={() => setAsked(null)}
            onConfirm={() => run(asked.action, asked.target)}
          />
        )}
      </Suspense>
      {address.alert !== null && pane !== 'columns' && (
        <AlertPane
          id={address.alert}
          actions={actions}
          onClose={() => open(null)}
          onLearn={(alert) => act({ kind: 'learn' }, { rows: [alert] })}
          onFullDetails={fullDetails}
        />
      )}
    </div>
  );
}

function nextDirection(column: string, sort: { readonly column: string; readonly descending: boolean }): boolean {
  if (sort.column === column) return !sort.descending;
  // What is worst or newest is asked for first.
  return column === 'severity' || column.startsWith('last') || column.startsWith('first');
}

/** What everything that matches has in common, for people. */
function aboutText({ search, filters }: GridAddress, range: string): string {
  return [...(search === '' ? [] : [`“${search}”`]), ...filters.map(filterLabel), range.toLowerCase()].join(', ');
}
