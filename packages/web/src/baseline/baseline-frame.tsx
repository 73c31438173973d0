/** The frame of a tab: toolbar, filters, count, grid, and the details at the right. */
import { makeStyles, Text, Toolbar, ToolbarButton } from '@fluentui/react-components';
import { ArrowSync20Regular } from '@fluentui/react-icons/svg/arrow-sync';
import type { ReactNode } from 'react';
import { ListContent, useListStyles } from '../grid/list-content.tsx';

const useStyles = makeStyles({
  frame: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr) auto', minHeight: 0, position: 'relative' },
  main: { display: 'grid', gridTemplateRows: 'auto auto auto minmax(0, 1fr)', minHeight: 0, minWidth: 0 },
  toolbar: { padding: '4px 14px 0', flexWrap: 'wrap' },
});

export interface BaselineFrameProps {
  readonly title: string;
  readonly actions?: ReactNode;
  readonly filters?: ReactNode;
  readonly counts: ReactNode;
  readonly isLoading: boolean;
  readonly isEmpty: boolean;
  readonly error: Error | null;
  readonly emptyText: string;
  /** More about why nothing is there. */
  readonly emptyHint?: string;
  readonly pane: ReactNode;
  readonly children: ReactNode;
  onRefresh(): void;
}

export function BaselineFrame(props: BaselineFrameProps) {
  const styles = useStyles();
  const list = useListStyles();
  return (
    <div className={styles.frame} role="tabpanel" aria-label={props.title}>
      <div className={styles.main}>
        <Toolbar className={styles.toolbar} aria-label={`${props.title} actions`}>
          <ToolbarButton icon={<ArrowSync20Regular />} onClick={props.onRefresh}>
            Refresh
          </ToolbarButton>
          {props.actions}
        </Toolbar>
        <div className={list.filters} role="search" aria-label={`Find in ${props.title}`}>
          {props.filters}
        </div>
        <div className={list.counts}>{props.counts}</div>
        <ListContent
          title={props.title}
          isLoading={props.isLoading}
          error={props.error}
          empty={props.isEmpty ? { text: props.emptyText, more: props.emptyHint !== undefined && <Text>{props.emptyHint}</Text> } : null}
          onRefresh={props.onRefresh}
        >
          {props.children}
        </ListContent>
      </div>
      {props.pane}
    </div>
  );
}
