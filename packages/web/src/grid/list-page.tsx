/** The frame of a page that is a list: title, toolbar, filters, count, grid, and the details at the right. */
import { Button, makeStyles, Text, Title3, tokens, Toolbar, ToolbarButton } from '@fluentui/react-components';
import { ArrowDownload20Regular } from '@fluentui/react-icons/svg/arrow-download';
import { ArrowSync20Regular } from '@fluentui/react-icons/svg/arrow-sync';
import { type ReactNode, useEffect } from 'react';
import { formatClock } from '../time/zone-time.ts';
import { ListContent, useListStyles } from './list-content.tsx';

const useStyles = makeStyles({
  page: { height: '100%', display: 'grid', gridTemplateColumns: 'minmax(0, 1fr) auto', position: 'relative' },
  main: { display: 'grid', gridTemplateRows: 'auto auto auto auto minmax(0, 1fr)', minHeight: 0, minWidth: 0 },
  heading: { display: 'flex', alignItems: 'baseline', gap: '12px', padding: '14px 20px 4px' },
  updated: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200, marginLeft: 'auto' },
  toolbar: { padding: '0 14px', flexWrap: 'wrap' },
});

export interface ListPageProps {
  readonly title: string;
  /** Milliseconds since 1970; 0 before anything came. */
  readonly updated: number;
  readonly filters: ReactNode;
  /** Such as "12 devices of 40". */
  readonly counts: string;
  /** Address of the CSV file of what is shown. */
  readonly csv?: string;
  readonly isLoading: boolean;
  readonly isEmpty: boolean;
  readonly error: Error | null;
  /** What the page says when nothing is there. */
  readonly emptyText: string;
  readonly pane: ReactNode;
  /** More buttons of the toolbar. */
  readonly actions?: ReactNode;
  /** What stands beside the count. */
  readonly aside?: ReactNode;
  /** The grid. */
  readonly children: ReactNode;
  /** Takes all filters away; null when there are none. */
  readonly onClear: (() => void) | null;
  onRefresh(): void;
}

export function ListPage(props: ListPageProps) {
  const { title, csv, onClear, onRefresh } = props;
  const styles = useStyles();
  const list = useListStyles();
  useEffect(() => {
    document.title = `${title} · Annunciator`;
  }, [title]);
  const clear = onClear && (
    <Button size="small" appearance="transparent" onClick={onClear}>
      Clear filters
    </Button>
  );
  return (
    <div className={styles.page}>
      <div className={styles.main}>
        <div className={styles.heading}>
          <Title3 as="h1">{title}</Title3>
          {props.updated > 0 && <Text className={styles.updated}>Updated {formatClock(props.updated)}</Text>}
        </div>
        <Toolbar className={styles.toolbar} aria-label={`${title} actions`} size="medium">
          <ToolbarButton icon={<ArrowSync20Regular />} onClick={onRefresh}>
            Refresh
          </ToolbarButton>
          {csv !== undefined && (
            <ToolbarButton
              icon={<ArrowDownload20Regular />}
              disabled={props.isEmpty}
              onClick={() => {
                window.location.assign(csv);
              }}
            >
              Export
            </ToolbarButton>
          )}
          {props.actions}
        </Toolbar>
        <div className={list.filters} role="search" aria-label={`Find in ${title}`}>
          {props.filters}
          {clear}
        </div>
        <div className={list.counts}>
          <Text role="status">{props.counts}</Text>
          {props.aside}
        </div>
        <ListContent
          title={title}
          isLoading={props.isLoading}
          error={props.error}
          empty={props.isEmpty ? { text: onClear ? 'Nothing matches these filters' : props.emptyText, more: clear } : null}
          onRefresh={onRefresh}
        >
          {props.children}
        </ListContent>
      </div>
      {props.pane}
    </div>
  );
}
