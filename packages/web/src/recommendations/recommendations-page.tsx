/** Recommendations: what to put right at devices, and at how many. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { DetectionTime } from '../alerts/detection-time.tsx';
import { SeverityMark } from '../alerts/severity-mark.tsx';
import { SEVERITIES } from '../api/alerts.ts';
import { fetchRecommendations, type Recommendation } from '../api/recommendations.ts';
import { ListPage } from '../grid/list-page.tsx';
import { type RecordColumn, RecordGrid } from '../grid/record-grid.tsx';
import { SearchField } from '../grid/search-field.tsx';
import { useListAddress } from '../grid/use-list-address.ts';

interface Column extends RecordColumn<Recommendation> {
  readonly value: (one: Recommendation) => string | number;
}

const COLUMNS: readonly Column[] = [
  {
    id: 'severity',
    label: 'Severity',
    minimum: 120,
    value: ({ severity }) => SEVERITIES.indexOf(severity),
    cell: ({ severity }) => <SeverityMark severity={severity} />,
  },
  { id: 'name', label: 'Name', minimum: 300, grows: 3, isTitle: true, value: ({ name }) => name, cell: ({ name }) => name },
  {
    id: 'unhealthy',
    label: 'Unhealthy devices',
    minimum: 150,
    value: ({ unhealthyDevices }) => unhealthyDevices,
    cell: ({ unhealthyDevices }) => unhealthyDevices.toLocaleString('en'),
  },
  {
    id: 'healthy',
    label: 'Healthy devices',
    minimum: 150,
    value: ({ healthyDevices }) => healthyDevices,
    cell: ({ healthyDevices }) => healthyDevices.toLocaleString('en'),
  },
  {
    id: 'lastUpdate',
    label: 'Last update time',
    minimum: 170,
    value: ({ lastUpdate }) => lastUpdate ?? '',
    cell: ({ lastUpdate }) => (lastUpdate ? <DetectionTime at={lastUpdate} /> : '–'),
  },
];

const ORDER = new Intl.Collator('en', { numeric: true });

export function Page() {
  const navigate = useNavigate();
  const address = useListAddress('-unhealthy');
  const query = useQuery({ queryKey: ['recommendations'], queryFn: fetchRecommendations });
  const all = query.data ?? [];
  const search = address.search.toLowerCase();
  const column = COLUMNS.find(({ id }) => id === address.sort.column);
  const sign = address.sort.descending ? -1 : 1;
  const shown = all
    .filter(({ name, description }) => `${name} ${description}`.toLowerCase().includes(search))
    .toSorted(
      (a, b) => (column ? sign * ORDER.compare(String(column.value(a)), String(column.value(b))) : 0) || ORDER.compare(a.name, b.name),
    );
  const active = all.filter(({ unhealthyDevices }) => unhealthyDevices > 0).length;
  return (
    <ListPage
      title="Recommendations"
      updated={query.dataUpdatedAt}
      counts={`Active recommendations: ${active} of ${all.length}`}
      isLoading={query.isLoading}
      isEmpty={shown.length === 0}
      error={query.error}
      emptyText="No recommendations"
      onClear={address.hasFilters ? address.clear : null}
      onRefresh={() => void query.refetch()}
      filters={
        <SearchField
          label="Search recommendations"
          value={address.search}
          onSearch={(text) => address.set('search', text === '' ? [] : [text])}
        />
      }
      pane={null}
    >
      <RecordGrid
        label="Recommendations"
        rows={shown}
        columns={COLUMNS}
        sort={address.sort}
        isOld={false}
        openId={null}
        idOf={({ id }) => id}
        onSort={address.toggleSort}
        onOpen={(id) => id !== null && void navigate(`/recommendations/${id}`)}
      />
    </ListPage>
  );
}
