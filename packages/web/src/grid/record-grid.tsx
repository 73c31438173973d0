/**
 * A grid to read: any number of rows, of which only the visible ones are in the page. What does not fit in the width is
 * reached by scrolling sideways.
 */
import { Checkbox, mergeClasses } from '@fluentui/react-components';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import type { Meanings } from '../words/word-help.ts';
import { ColumnHeader, type Sort } from './column-header.tsx';
import { HEADER_HEIGHT, ROW_HEIGHT, useGridStyles } from './grid-styles.ts';
import type { Marks } from './use-marks.ts';

/** Rows from the end at which the next page is asked for. */
const LOAD_AHEAD = 60;
/** Left and right of a row, in pixels. */
const ROW_PADDING = 20;
/** Width of the boxes that mark rows, in pixels. */
const MARK_WIDTH = 36;

export interface RecordColumn<Row> {
  readonly id: string;
  readonly label: string;
  /** Pixels it takes at least. */
  readonly minimum: number;
  /** Its share of what is left; 0 when absent. */
  readonly grows?: number;
  readonly cell: (row: Row) => ReactNode;
  /** What the words of the column mean. */
  readonly meanings?: Meanings | undefined;
  /** What the row is called: in bold. */
  readonly isTitle?: true;
}

export interface RecordGridProps<Row> {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly RecordColumn<Row>[];
  readonly sort: Sort | null;
  readonly isOld: boolean;
  readonly openId: string | null;
  /** Lets rows be marked: with their boxes, the space bar, and the shift key for all rows in between. */
  readonly marks?: Marks<Row>;
  idOf(row: Row): string;
  onSort(column: string): void;
  onOpen(id: string | null): void;
  onNearEnd?(): void;
}

export function RecordGrid<Row>(props: RecordGridProps<Row>) {
  const { rows, columns, sort, openId, marks, idOf, onOpen, onNearEnd } = props;
  const styles = useGridStyles();
  const scroller = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState(0);
  const tracks: CSSProperties = {
    gridTemplateColumns: [
      ...(marks ? [`${MARK_WIDTH}px`] : []),
      ...columns.map(({ minimum, grows }) => (grows ? `minmax(${minimum}px, ${grows}fr)` : `${minimum}px`)),
    ].join(' '),
  };
  const minWidth = columns.reduce((sum, { minimum }) => sum + minimum, ROW_PADDING + (marks ? MARK_WIDTH : 0));
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 10,
    scrollMargin: HEADER_HEIGHT,
    scrollPaddingStart: HEADER_HEIGHT,
  });
  const visible = virtualizer.getVirtualItems();
  const lastVisible = visible.at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows.length > 0 && lastVisible >= rows.length - LOAD_AHEAD) onNearEnd?.();
  }, [lastVisible, rows.length, onNearEnd]);

  const focus = (index: number) => {
    setCurrent(index);
    virtualizer.scrollToIndex(index, { align: 'auto' });
    const row = () => scroller.current?.querySelector<HTMLElement>(`[aria-rowindex="${index + 2}"]`);
    // At once, so that the next key finds it; a row out of sight is drawn with the next frame.
    if (row()) row()?.focus({ preventScroll: true });
    else requestAnimationFrame(() => row()?.focus({ preventScroll: true }));
  };
  const onKey = (event: KeyboardEvent, index: number) => {
    const step = STEPS[event.key];
    const row = rows[index];
    if (step !== undefined) focus(Math.max(0, Math.min(rows.length - 1, index + step)));
    else if (event.target !== event.currentTarget) return;
    else if (event.key === 'Enter' && row) onOpen(idOf(row));
    else if (event.key === ' ' && row && marks) marks.toggle(row, event.shiftKey);
    else if (event.key === 'Escape' && openId !== null) onOpen(null);
    else return;
    event.preventDefault();
  };

  return (
    <div
      ref={scroller}
      role="grid"
      aria-label={props.label}
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length + (marks ? 1 : 0)}
      aria-multiselectable={marks !== undefined}
      tabIndex={-1}
      className={mergeClasses(styles.scroller, props.isOld && styles.old)}
    >
      <div role="rowgroup" className={styles.header} style={{ minWidth }}>
        <div role="row" aria-rowindex={1} className={mergeClasses(styles.row, styles.headerRow)} style={tracks}>
          {marks && (
            <div role="columnheader" className={styles.mark}>
              <Checkbox
                aria-label="Mark all rows that are loaded"
                checked={marks.count === 0 ? false : marks.count >= rows.length ? true : 'mixed'}
                onChange={() => marks.toggleAll()}
              />
            </div>
          )}
          {columns.map((column) => (
            <ColumnHeader
              key={column.id}
              id={column.id}
              label={column.label}
              sort={sort}
              meanings={column.meanings}
              onSort={props.onSort}
            />
          ))}
        </div>
      </div>
      <div role="rowgroup" className={styles.body} style={{ height: virtualizer.getTotalSize(), minWidth }}>
        {visible.map(({ index, start }) => {
          const row = rows[index];
          if (!row) return null;
          const id = idOf(row);
          return (
            <div
              key={id}
              role="row"
              aria-rowindex={index + 2}
              aria-selected={marks ? marks.has(row) : id === openId}
              tabIndex={index === Math.min(current, rows.length - 1) ? 0 : -1}
              className={mergeClasses(styles.row, styles.placed, styles.clickable, (id === openId || marks?.has(row)) && styles.open)}
              style={{ ...tracks, transform: `translateY(${start - HEADER_HEIGHT}px)` }}
              onClick={() => onOpen(id)}
              onFocus={() => setCurrent(index)}
              onKeyDown={(event) => onKey(event, index)}
            >
              {marks && (
                <div role="gridcell" className={styles.mark} onClick={(event) => event.stopPropagation()}>
                  <Checkbox
                    aria-label={`Mark ${titleOf(columns, row)}`}
                    tabIndex={-1}
                    checked={marks.has(row)}
                    onClick={(event) => marks.toggle(row, event.shiftKey)}
                    onChange={() => undefined}
                  />
                </div>
              )}
              {columns.map((column) => {
                const content = column.cell(row);
                return (
                  <div
                    key={column.id}
                    role="gridcell"
                    title={typeof content === 'string' ? content : undefined}
                    className={mergeClasses(styles.cell, column.isTitle && styles.title)}
                  >
                    {content}
                  </div>
                );
              })}
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** What a row is called, for those who hear it. */
function titleOf<Row>(columns: readonly RecordColumn<Row>[], row: Row): string {
  const title = columns.find(({ isTitle }) => isTitle)?.cell(row);
  return typeof title === 'string' && title !== '' ? title : 'this row';
}

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, PageDown: 10, PageUp: -10 };
