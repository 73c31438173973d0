/**
 * The Alerts page.
 *
 * New alerts do not make rows jump: a bar says how many match and loads them on a press. Only while the list is at its
 * top, newest first, with nothing selected and no details open, they come in by themselves.
 */
import {
  Button,
  makeStyles,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  Spinner,
  Text,
  Title3,
  tokens,
} from '@fluentui/react-components';
import { ArrowUp16Regular } from '@fluentui/react-icons/svg/arrow-up';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { type AlertRow, fetchPage } from '../api/alerts.ts';
import { type LiveUpdate, useLiveAlerts } from '../api/live.ts';
import { useSession } from '../session/session-gate.tsx';
import { DEFAULT_RANGE, RANGES, serverQuery, useGridAddress, withFilter } from './address.ts';
import { AlertGrid } from './alert-grid.tsx';
import { AlertPane } from './alert-pane.tsx';
import { AlertToolbar } from './alert-toolbar.tsx';
import { EmptyGrid } from './empty-grid.tsx';
import { ADD_FILTER_ID, FilterBar, SEARCH_ID } from './filter-bar.tsx';
import { LearnDialog } from './learn-dialog.tsx';
import { alerts, useAlertActions } from './use-alert-actions.ts';
import { useAlertGroups, useAlertList, useRowUpdates } from './use-alerts.ts';
import { useShortcuts } from './use-shortcuts.ts';

/** New alerts whose number is asked exactly; beyond it the bar says "more than". */
const COUNTED_ARRIVALS = 150;

const useStyles = makeStyles({
  page: { height: '100%', display: 'grid', gridTemplateColumns: 'minmax(0, 1fr) auto', position: 'relative' },
  main: { display: 'grid', gridTemplateRows: 'auto auto auto auto auto minmax(0, 1fr)', minHeight: 0, minWidth: 0 },
  heading: { display: 'flex', alignItems: 'baseline', gap: '12px', padding: '14px 20px 4px' },
  updated: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200, marginLeft: 'auto' },
  counts: {
    display: 'flex',
    alignItems: 'center',
    gap: '16px',
    minHeight: '32px',
    padding: '0 20px 4px',
    color: tokens.colorNeutralForeground2,
  },
  arrivals: { padding: '0 20px 4px' },
  grid: { minHeight: 0, minWidth: 0, borderTop: `1px solid ${tokens.colorNeutralStroke2}` },
});

export function Page() {
  const styles = useStyles();
  const navigate = useNavigate();
  const session = useSession();
  const [address, change] = useGridAddress();
  const [now, setNow] = useState(Date.now);
  const [widened, setWidened] = useState(false);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [current, setCurrent] = useState<string | null>(null);
  const [openGroups, setOpenGroups] = useState<ReadonlyMap<string, number>>(new Map());
  const [arrived, setArrived] = useState<readonly string[]>([]);
  const [arrivedMatching, setArrivedMatching] = useState(0);
  const [learning, setLearning] = useState<readonly AlertRow[]>([]);
  const atTop = useRef(true);

  const range = address.range ?? (widened ? 'all' : DEFAULT_RANGE);
  const query = serverQuery(address, range, now);
  const list = useAlertList(query, address.group === null);
  const groups = useAlertGroups(query, address.group, openGroups);
  const rows = address.group === null ? list : groups;
  const shown = rows.items.flatMap((item) => (item.kind === 'alert' ? [item.alert] : []));
  const actions = useAlertActions();
  const updateRows = useRowUpdates();

  const title = 'Alerts';
  useEffect(() => {
    document.title = `${title} · Annunciator`;
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

  const refresh = useCallback(() => {
    setNow(Date.now());
    setArrived([]);
    setArrivedMatching(0);
  }, []);

  const onLive = (update: LiveUpdate) => {
    updateRows(update.changed);
    if (update.raised.length === 0 && update.more === 0) return;
    const ids = [...arrived, ...update.raised.map((alert) => alert.id)];
    const newestFirst = address.sort.column === 'lastDetection' && address.sort.descending;
    if (atTop.current && selected.size === 0 && address.alert === null && address.group === null && newestFirst && current === null) {
      refresh();
      return;
    }
    setArrived(ids);
    const asked = withFilter(query, { column: 'id', operator: 'equals', values: ids.slice(-COUNTED_ARRIVALS) });
    fetchPage(asked, null, 1).then(
      (page) => setArrivedMatching(page.matching + Math.max(0, ids.length - COUNTED_ARRIVALS) + update.more),
      () => setArrivedMatching(ids.length),
    );
  };
  useLiveAlerts(onLive, refresh);

  const open = (id: string | null) => {
    change({ alert: id }, address.alert !== null && id !== null);
    if (id !== null) setCurrent(id);
  };
  const move = (step: number) => {
    const index = shown.findIndex((alert) => alert.id === (address.alert ?? current));
    const next = shown[Math.max(0, Math.min(shown.length - 1, index + step))];
    if (!next) return;
    setCurrent(next.id);
    if (address.alert !== null) open(next.id);
  };
  const toggle = (alert: AlertRow) => {
    const next = new Set(selected);
    if (!next.delete(alert.id)) next.add(alert.id);
    setSelected(next);
  };
  const selectedRows = shown.filter((alert) => selected.has(alert.id));
  /** What a key acts on: the selected alerts, else the open one, else the one the keyboard is on. */
  const targets = selectedRows.length > 0 ? selectedRows : shown.filter((alert) => alert.id === (address.alert ?? current));
  const ids = targets.map((alert) => alert.id);
  const status = (next: 'New' | 'Active' | 'Closed') => () => {
    if (ids.length > 0 && session.may('alerts.status')) void actions.setStatus(ids, next);
  };
  const askToLearn = (candidates: readonly AlertRow[]) => {
    if (session.may('alerts.learn') && candidates.some((alert) => alert.learnable)) setLearning(candidates);
  };

  useShortcuts({
    '/': () => document.getElementById(SEARCH_ID)?.focus(),
    f: () => document.getElementById(ADD_FILTER_ID)?.click(),
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => (current === null ? false : move(1)),
    ArrowUp: () => (current === null ? false : move(-1)),
    Enter: () => {
      if (current === null) return false;
      if (address.alert === current) void navigate(`/alerts/${encodeURIComponent(current)}`, { state: { grid: window.location.search } });
      else open(current);
      return undefined;
    },
    ' ': () => {
      const alert = shown.find((other) => other.id === current);
      if (!alert) return false;
      toggle(alert);
      return undefined;
    },
    Escape: () => {
      if (address.alert !== null) open(null);
      else if (selected.size > 0) setSelected(new Set());
    },
    n: status('New'),
    a: status('Active'),
    c: status('Closed'),
    l: () => askToLearn(targets),
    r: refresh,
    R: refresh,
  });

  const rangeLabel = RANGES.find(([hours]) => hours === range)?.[1] ?? '';
  return (
    <div className={styles.page}>
      <div className={styles.main}>
        <div className={styles.heading}>
          <Title3 as="h1">{title}</Title3>
          <Text className={styles.updated}>Updated {new Date(now).toLocaleTimeString('en-GB')}</Text>
        </div>
        <AlertToolbar
          selected={selectedRows.length}
          learnable={selectedRows.filter((alert) => alert.learnable && alert.disposition !== 'learned').length}
          matching={rows.matching}
          columns={address.columns}
          query={query}
          onRefresh={refresh}
          onColumns={(columns) => change({ columns }, true)}
          onStatus={(next) =>
            void actions.setStatus(
              selectedRows.map((alert) => alert.id),
              next,
            )
          }
          onSeverity={(next) =>
            void actions.setSeverity(
              selectedRows.map((alert) => alert.id),
              next,
            )
          }
          onLearn={() => askToLearn(selectedRows)}
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
          {selectedRows.length > 0 && (
            <Text weight="semibold">
              {selectedRows.length} selected{' '}
              <Button size="small" appearance="transparent" onClick={() => setSelected(new Set())}>
                Clear
              </Button>
            </Text>
          )}
        </div>
        <div className={styles.arrivals} aria-live="polite">
          {arrivedMatching > 0 && (
            <MessageBar intent="info">
              <MessageBarBody>
                {arrivedMatching === 1 ? '1 new alert' : `${arrivedMatching.toLocaleString('en')} new alerts`}
              </MessageBarBody>
              <MessageBarActions>
                <Button size="small" icon={<ArrowUp16Regular />} onClick={refresh}>
                  Load (R)
                </Button>
              </MessageBarActions>
            </MessageBar>
          )}
        </div>
        <div className={styles.grid}>
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
              columns={address.columns}
              sort={address.sort}
              group={address.group}
              selected={selected}
              openId={address.alert}
              currentId={current}
              isOld={rows.isOld}
              onSort={(column) =>
                change({
                  sort: {
                    column,
                    descending:
                      address.sort.column === column
                        ? !address.sort.descending
                        : column === 'severity' || column.startsWith('last') || column.startsWith('first'),
                  },
                })
              }
              onToggle={toggle}
              onToggleAll={() => setSelected(selected.size >= shown.length ? new Set() : new Set(shown.map((alert) => alert.id)))}
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
      {address.alert !== null && (
        <AlertPane id={address.alert} actions={actions} onClose={() => open(null)} onLearn={(alert) => askToLearn([alert])} />
      )}
      <LearnDialog selected={learning} onClose={() => setLearning([])} onLearn={(chosen) => void actions.learn(chosen)} />
    </div>
  );
}
