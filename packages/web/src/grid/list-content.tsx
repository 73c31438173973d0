/** The grid of a list, or what stands in its place: that it loads, why it cannot be shown, that nothing is there. */
import { Button, makeStyles, Spinner, Subtitle1, Text, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';

const useStyles = makeStyles({
  content: { minHeight: 0, minWidth: 0, borderTop: `1px solid ${tokens.colorNeutralStroke2}` },
  instead: {
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

/** The parts above the grid, as every list has them. */
export const useListStyles = makeStyles({
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
});

export interface ListContentProps {
  /** What is listed, such as "Devices". */
  readonly title: string;
  readonly isLoading: boolean;
  readonly error: Error | null;
  /** What is said when nothing is there, and what stands below it; null when something is. */
  readonly empty: { readonly text: string; readonly more: ReactNode } | null;
  readonly children: ReactNode;
  onRefresh(): void;
}

export function ListContent({ title, isLoading, error, empty, children, onRefresh }: ListContentProps) {
  const styles = useStyles();
  const instead = (text: string, more: ReactNode) => (
    <div className={styles.instead}>
      <Subtitle1 as="h2">{text}</Subtitle1>
      {more}
    </div>
  );
  const content = (): ReactNode => {
    if (isLoading) return <Spinner style={{ height: '100%' }} label="Loading" />;
    if (error)
      return instead(
        `${title} cannot be shown`,
        <>
          <Text>{error.message}</Text>
          <Button onClick={onRefresh}>Try again</Button>
        </>,
      );
    return empty ? instead(empty.text, empty.more) : children;
  };
  return <div className={styles.content}>{content()}</div>;
}
