/**
 * The grid: thousands of rows, of which only the visible ones are in the page. Rows have one height, so that scrolling
 * never measures. Scrolling draws the grid anew with the same props: what depends on them only is kept, so that a frame costs
 * the rows that come into sight, however many there are.
 */
import { Button, Checkbox, makeStyles, mergeClasses, Spinner, tokens } from '@fluentui/react-components';
import { ChevronDown16Regular } from '@fluentui/react-icons/svg/chevron-down';
import { ChevronRight16Regular } from '@fluentui/react-icons/svg/chevron-right';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, memo, type MouseEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { AlertRow } from '../api/alerts.ts';
import { COLUMN_MEANINGS } from '../words/word-help.ts';
import { ColumnHeader, type Sort } from '../grid/column-header.tsx';
import { HEADER_HEIGHT, ROW_HEIGHT, useGridStyles } from '../grid/grid-styles.ts';
import { type Column, columnLabel, fittingColumns, valueLabel } from './columns.tsx';
import { GROUP_LIMIT, type GridItem } from './use-alerts.ts';

const CHECK_WIDTH = 44;
/** Left and right of a row, in pixels. */
const ROW_PADDING = 20;
/** Rows from the end at which the next page is asked for. */
const LOAD_AHEAD = 60;

const useStyles = makeStyles({
  chosen: { backgroundColor: tokens.colorNeutralBackground1Selected },
  closed: { color: tokens.colorNeutralForeground3 },
  groupRow: { display: 'flex', alignItems: 'center', gap: '8px', backgroundColor: tokens.colorNeutralBackground2, padding: '0 12px' },
  groupCell: { display: 'flex', alignItems: 'center', gap: '8px' },
  groupButton: { fontWeight: tokens.fontWeightSemibold, paddingLeft: '4px' },
  count: { color: tokens.colorNeutralForeground3 },
  center: { display: 'flex', alignItems: 'center', justifyContent: 'center' },
});

export interface AlertGridProps {
  readonly items: readonly GridItem[];
  readonly columns: readonly string[];
  readonly sort: Sort;
  readonly group: string | null;
  readonly selected: ReadonlySet<string>;
  /** The alert whose details are open. */
  readonly openId: string | null;
  /** The row the keyboard is on. */
  readonly currentId: string | null;
  readonly isOld: boolean;
  /** Rows that there are, loaded or not. */
  readonly rowCount: number;
  onSort(column: string): void;
  /** `range` when the rows in between are meant, too. */
  onToggle(alert: AlertRow, range: boolean): void;
  onToggleAll(): void;
  onOpen(alert: AlertRow): void;
  onCurrent(id: string): void;
  onGroup(value: string): void;
  onGroupMore(value: string, all: boolean): void;
  onNearEnd(): void;
  onAtTop(atTop: boolean): void;
}

export function AlertGrid(props: AlertGridProps) {
  const { items, sort, selected, openId, currentId, onNearEnd, onAtTop } = props;
  const styles = { ...useGridStyles(), ...useStyles() };
  const scroller = useRef<HTMLDivElement>(null);
  const width = useWidth(scroller);
  const columns = useMemo(() => fittingColumns(props.columns, width === 0 ? 0 : width - CHECK_WIDTH - ROW_PADDING), [props.columns, width]);
  const tracks = `${CHECK_WIDTH}px ${columns.map((column) => column.width).join(' ')}`;
  const minWidth = columns.reduce((sum, column) => sum + column.minimum, CHECK_WIDTH + ROW_PADDING);

  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 10,
    scrollMargin: HEADER_HEIGHT,
    scrollPaddingStart: HEADER_HEIGHT,
    getItemKey: useCallback((index: number) => keyOf(items[index], index), [items]),
  });
  const visible = rows.getVirtualItems();
  const lastVisible = visible.at(-1)?.index ?? 0;
  useEffect(() => {
    if (items.length > 0 && lastVisible >= items.length - LOAD_AHEAD) onNearEnd();
  }, [lastVisible, items.length, onNearEnd]);

  // The keyboard's row comes into view and takes the focus.
  useEffect(() => {
    if (currentId === null) return;
    const index = items.findIndex((item) => item.kind === 'alert' && item.alert.id === currentId);
    if (index < 0) return;
    rows.scrollToIndex(index, { align: 'auto' });
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`[data-alert="${CSS.escape(currentId)}"]`)?.focus({ preventScroll: true }),
    );
    // Only a move of the keyboard scrolls: not an arrival of rows.
  }, [currentId]);

  const alertCount = useMemo(() => items.filter((item) => item.kind === 'alert').length, [items]);
  const allSelected = alertCount > 0 && selected.size >= alertCount;
  return (
    <div
      ref={scroller}
      role="grid"
      aria-label="Alerts"
      aria-rowcount={props.rowCount + 1}
      aria-colcount={columns.length + 1}
      aria-multiselectable
      tabIndex={-1}
      className={mergeClasses(styles.scroller, props.isOld && styles.old)}
      onScroll={(event) => onAtTop(event.currentTarget.scrollTop < ROW_HEIGHT)}
    >
      <div role="rowgroup" className={styles.header} style={{ minWidth }}>
        <div role="row" aria-rowindex={1} className={mergeClasses(styles.row, styles.headerRow)} style={{ gridTemplateColumns: tracks }}>
          <div role="columnheader">
            <Checkbox
              checked={allSelected ? true : selected.size > 0 ? 'mixed' : false}
              onChange={props.onToggleAll}
              aria-label="Select all loaded alerts"
              disabled={alertCount === 0}
            />
          </div>
          {columns.map((column) => (
            <ColumnHeader
              key={column.id}
              id={column.id}
              label={column.label}
              sort={sort}
              meanings={COLUMN_MEANINGS[column.id]}
              onSort={props.onSort}
            />
          ))}
        </div>
      </div>
      <div role="rowgroup" className={styles.body} style={{ height: rows.getTotalSize(), minWidth }}>
        {visible.map((virtual) => {
          const item = items[virtual.index];
          if (!item) return null;
          const top = virtual.start - HEADER_HEIGHT;
          const index = virtual.index + 2;
          return item.kind === 'alert' ? (
            <AlertLine
              key={virtual.key}
              alert={item.alert}
              columns={columns}
              index={index}
              top={top}
              tracks={tracks}
              isSelected={selected.has(item.alert.id)}
              isOpen={openId === item.alert.id}
              isCurrent={currentId === item.alert.id || (currentId === null && virtual.index === 0)}
              grid={props}
            />
          ) : (
            <OtherLine key={virtual.key} item={item} index={index} style={placeAt(top)} columns={columns.length + 1} grid={props} />
          );
        })}
      </div>
    </div>
  );
}

interface AlertLineProps {
  alert: AlertRow;
  columns: readonly Column[];
  index: number;
  /** Pixels below the header. */
  top: number;
  /** The columns as tracks of CSS grid. */
  tracks: string;
  isSelected: boolean;
  isOpen: boolean;
  isCurrent: boolean;
  grid: AlertGridProps;
}

const AlertLine = memo(function AlertLine({ alert, columns, index, top, tracks, isSelected, isOpen, isCurrent, grid }: AlertLineProps) {
  const styles = { ...useGridStyles(), ...useStyles() };
  return (
    <div
      role="row"
      aria-rowindex={index}
      aria-selected={isSelected}
      data-alert={alert.id}
      tabIndex={isCurrent ? 0 : -1}
      className={mergeClasses(
        styles.row,
        styles.placed,
        styles.clickable,
        isSelected && styles.chosen,
        isOpen && styles.open,
        alert.status === 'Closed' && styles.closed,
      )}
      style={{ ...placeAt(top), gridTemplateColumns: tracks }}
      onClick={(event) => (event.shiftKey ? grid.onToggle(alert, true) : grid.onOpen(alert))}
      onFocus={(event) => event.target === event.currentTarget && grid.onCurrent(alert.id)}
    >
      <div role="gridcell" onClick={(event: MouseEvent) => event.stopPropagation()}>
        <Checkbox
          checked={isSelected}
          onChange={(event) => grid.onToggle(alert, 'shiftKey' in event.nativeEvent && event.nativeEvent.shiftKey === true)}
          aria-label={`Select ${alert.title}`}
          input={{ tabIndex: isCurrent ? 0 : -1 }}
        />
      </div>
      {columns.map((column) => {
        const content = column.cell(alert);
        // What is cut off can be read by hovering.
        const hint = column.id === 'title' ? `${alert.title}: ${alert.message}` : typeof content === 'string' ? content : undefined;
        return (
          <div
            key={column.id}
            role="gridcell"
            title={hint}
            className={mergeClasses(styles.cell, column.id === 'title' && alert.status === 'New' && styles.title)}
          >
            {content}
          </div>
        );
      })}
    </div>
  );
});

function placeAt(top: number): CSSProperties {
  return { transform: `translateY(${top}px)` };
}

function OtherLine({
  item,
  index,
  style,
  columns,
  grid,
}: {
  item: Exclude<GridItem, { kind: 'alert' }>;
  index: number;
  style: CSSProperties;
  columns: number;
  grid: AlertGridProps;
}) {
  const styles = { ...useGridStyles(), ...useStyles() };
  const column = grid.group ?? '';
  return (
    <div
      role="row"
      aria-rowindex={index}
      className={mergeClasses(styles.placed, item.kind === 'group' ? styles.groupRow : styles.center)}
      style={style}
    >
      <div role="gridcell" aria-colspan={columns} className={styles.groupCell}>
        {item.kind === 'note' && <span className={styles.count}>{item.text}</span>}
        {item.kind === 'loading' && <Spinner size="tiny" label="Loading" />}
        {item.kind === 'group' && (
          <>
            <Button
              appearance="transparent"
              className={styles.groupButton}
              icon={item.open ? <ChevronDown16Regular /> : <ChevronRight16Regular />}
              aria-expanded={item.open}
              onClick={() => grid.onGroup(item.value)}
            >
              {valueLabel(column, item.value)}
            </Button>
            <span className={styles.count}>
              {item.count.toLocaleString('en')} {item.count === 1 ? 'alert' : 'alerts'}
            </span>
          </>
        )}
        {item.kind === 'more' && (
          <Button appearance="subtle" onClick={() => grid.onGroupMore(item.value, item.shown >= GROUP_LIMIT)}>
            {item.shown >= GROUP_LIMIT
              ? `Show all ${item.count.toLocaleString('en')} with ${columnLabel(column)} ${valueLabel(column, item.value)}`
              : `Load more (${item.shown.toLocaleString('en')} of ${item.count.toLocaleString('en')} shown)`}
          </Button>
        )}
      </div>
    </div>
  );
}

function keyOf(item: GridItem | undefined, index: number): string {
  if (!item) return `none/${index}`;
  switch (item.kind) {
    case 'alert':
      // Grouped by tactics, an alert is in several groups.
      return `alert/${item.alert.id}/${index}`;
    case 'loading':
      return `loading/${item.key}`;
    case 'note':
      return item.kind;
    default:
      return `${item.kind}/${item.value}`;
  }
}

function useWidth(element: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const watched = element.current;
    if (!watched) return undefined;
    const observer = new ResizeObserver(([entry]) => entry && setWidth(Math.floor(entry.contentRect.width)));
    observer.observe(watched);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
