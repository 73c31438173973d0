/** The frame of a workbook: title, parameters as pills, tiles, and cards of charts. */
import { Button, makeStyles, Select, Spinner, Text, Title3, tokens } from '@fluentui/react-components';
import { ArrowLeft20Regular } from '@fluentui/react-icons/svg/arrow-left';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { Card } from '../shell/card.tsx';
import { fetchSites } from '../api/sites.ts';
import { type Question, RANGES, type RangeId } from './alert-numbers.ts';

const useStyles = makeStyles({
  page: { height: '100%', overflowY: 'auto' },
  inside: { maxWidth: '1320px', padding: '12px 24px 40px', boxSizing: 'border-box', display: 'grid', gap: '16px' },
  back: { marginLeft: '-10px', fontWeight: tokens.fontWeightRegular, justifySelf: 'start' },
  header: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '8px 16px' },
  title: { flexGrow: 1 },
  cards: { display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 380px), 1fr))', gap: '16px', alignItems: 'start' },
  wide: { gridColumn: '1 / -1', minWidth: 0 },
  narrow: { minWidth: 0 },
});

/** The parameters of a workbook, kept in the address of the page. */
export function useQuestion(): readonly [Question, (change: Partial<Question>) => void] {
  const [params, setParams] = useSearchParams();
  const range: RangeId = RANGES.find(([id]) => id === params.get('range'))?.[0] ?? '30';
  const question = { range, site: params.get('site') ?? '' };
  return [
    question,
    (change) => {
      const next = { ...question, ...change };
      setParams(new URLSearchParams({ range: next.range, ...(next.site === '' ? {} : { site: next.site }) }), { replace: true });
    },
  ];
}

export interface WorkbookProps {
  readonly title: string;
  readonly question: Question;
  /** Which parameters it has. */
  readonly takes: 'range and site' | 'site' | 'nothing';
  onQuestion(change: Partial<Question>): void;
  readonly children: ReactNode;
}

export function Workbook({ title, question, takes, onQuestion, children }: WorkbookProps) {
  const styles = useStyles();
  const navigate = useNavigate();
  const { data: sites = [] } = useQuery({ queryKey: ['sites'], queryFn: fetchSites });
  useEffect(() => {
    document.title = `${title} · Annunciator`;
  }, [title]);
  return (
    <div className={styles.page}>
      <div className={styles.inside}>
        <Button
          appearance="transparent"
          size="small"
          icon={<ArrowLeft20Regular />}
          className={styles.back}
          onClick={() => void navigate('/workbooks')}
        >
          Workbooks
        </Button>
        <div className={styles.header}>
          <Title3 as="h1" className={styles.title}>
            {title}
          </Title3>
          {takes === 'range and site' && (
            <Select
              aria-label="Time range"
              value={question.range}
              onChange={(_, data) => onQuestion({ range: RANGES.find(([id]) => id === data.value)?.[0] ?? '30' })}
            >
              {RANGES.map(([id, label]) => (
                <option key={id} value={id}>
                  {label}
                </option>
              ))}
            </Select>
          )}
          {takes !== 'nothing' && (
            <Select aria-label="Site" value={question.site} onChange={(_, data) => onQuestion({ site: data.value })}>
              <option value="">All sites</option>
              {sites.map((site) => (
                <option key={site.name} value={site.name}>
                  {site.displayName}
                </option>
              ))}
            </Select>
          )}
        </div>
        {children}
      </div>
    </div>
  );
}

export function Cards({ children }: { children: ReactNode }) {
  return <div className={useStyles().cards}>{children}</div>;
}

export interface ChartCardProps {
  readonly title: string;
  readonly wide?: boolean;
  readonly query: { readonly isLoading: boolean; readonly error: Error | null };
  readonly children: ReactNode;
}

export function ChartCard({ title, wide, query, children }: ChartCardProps) {
  const styles = useStyles();
  return (
    <div className={wide ? styles.wide : styles.narrow}>
      <Card title={title}>
        {query.isLoading ? <Spinner size="tiny" label="Loading" /> : query.error ? <Text>{query.error.message}</Text> : children}
      </Card>
    </div>
  );
}
