/** The frame of a tab: toolbar, filters, count, grid, and the details at the right. */
import { makeStyles, Spinner, Subtitle1, Text, Toolbar, ToolbarButton, tokens } from '@fluentui/react-components';
import { ArrowSync20Regular } from '@fluentui/react-icons/svg/arrow-sync';
import type { ReactNode } from 'react';

const useStyles = makeStyles({
  frame: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr) auto', minHeight: 0, position: 'relative' },
  main: { display: 'grid', gridTemplateRows: 'auto auto auto minmax(0, 1fr)', minHeight: 0, minWidth: 0 },
  toolbar: { padding: '4px 14px 0', flexWrap: 'wrap' },
  filters: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '8px', padding: '8px 20px 6px' },
  counts: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    columnGap: '16px',
    minHeight: '32px',
    padding: '0 20px 4px',
    color: tokens.colorNeutralForeground2,
  },
  content: { minHeight: 0, minWidth: 0, borderTop: `1px solid ${tokens.colorNeutralStroke2}` },
  empty: {
    display: 'grid',
    justifyItems: 'center',
    alignContent: 'center',
    gap: '10px',
    height: '100%',
    padding: '24px',
    boxSizing: 'border-box',
    textAlign: 'center',
    color: tokens.colorNeutralForeground2,
  },
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
  return (
    <div className={styles.frame} role="tabpanel" aria-label={props.title}>
      <div className={styles.main}>
        <Toolbar className={styles.toolbar} aria-label={`${props.title} actions`}>
          <ToolbarButton icon={<ArrowSync20Regular />} onClick={props.onRefresh}>
            Refresh
          </ToolbarButton>
          {props.actions}
        </Toolbar>
        <div className={styles.filters} role="search" aria-label={`Find in ${props.title}`}>
          {props.filters}
        </div>
        <div className={styles.counts}>{props.counts}</div>
        <div className={styles.content}>
          {props.isLoading ? (
            <Spinner style={{ height: '100%' }} label="Loading" />
          ) : props.error ? (
            <div className={styles.empty}>
              <Subtitle1 as="h2">This cannot be shown</Subtitle1>
              <Text>{props.error.message}</Text>
            </div>
          ) : props.isEmpty ? (
            <div className={styles.empty}>
              <Subtitle1 as="h2">{props.emptyText}</Subtitle1>
              {props.emptyHint !== undefined && <Text>{props.emptyHint}</Text>}
            </div>
          ) : (
            props.children
          )}
        </div>
      </div>
      {props.pane}
    </div>
  );
}
