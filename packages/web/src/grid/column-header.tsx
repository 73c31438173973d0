/** The head of a column, which sorts when it is pressed. */
import { Button, Tooltip } from '@fluentui/react-components';
import { ArrowSortDown16Regular } from '@fluentui/react-icons/svg/arrow-sort-down';
import { ArrowSortUp16Regular } from '@fluentui/react-icons/svg/arrow-sort-up';
import { MeaningList } from '../words/meanings.tsx';
import type { Meanings } from '../words/word-help.ts';
import { useGridStyles } from './grid-styles.ts';

export interface Sort {
  readonly column: string;
  readonly descending: boolean;
}

export function ColumnHeader({
  id,
  label,
  sort,
  meanings,
  onSort,
}: {
  id: string;
  label: string;
  /** Null where the grid has one order only. */
  sort: Sort | null;
  /** What the words of the column mean, told on hovering and to the keyboard. */
  meanings?: Meanings | undefined;
  onSort: (column: string) => void;
}) {
  const styles = useGridStyles();
  if (sort === null) {
    return (
      <div role="columnheader" className={styles.columnHeader}>
        <span className={styles.sortButton} style={{ paddingInlineStart: 8 }}>
          {label}
        </span>
      </div>
    );
  }
  const isSorted = sort.column === id;
  const button = (
    <Button
      appearance="transparent"
      size="small"
      className={styles.sortButton}
      iconPosition="after"
      {...(isSorted ? { icon: sort.descending ? <ArrowSortDown16Regular /> : <ArrowSortUp16Regular /> } : {})}
      onClick={() => onSort(id)}
    >
      {label}
    </Button>
  );
  return (
    <div role="columnheader" aria-sort={!isSorted ? 'none' : sort.descending ? 'descending' : 'ascending'} className={styles.columnHeader}>
      {meanings ? (
        <Tooltip
          content={{ children: <MeaningList meanings={meanings} />, className: styles.meanings }}
          relationship="description"
          withArrow
        >
          {button}
        </Tooltip>
      ) : (
        button
      )}
    </div>
  );
}
