/** The catalogue of alert types: what can be raised, and what is. */
import { useQuery } from '@tanstack/react-query';
import { SeverityMark } from '../alerts/severity-mark.tsx';
import { type AlertType, fetchAlertTypes, shownSeverity } from '../api/alert-types.ts';
import { SEVERITIES } from '../api/alerts.ts';
import { ChoiceFilter } from '../grid/choice-filter.tsx';
import { ListPage } from '../grid/list-page.tsx';
import { type RecordColumn, RecordGrid } from '../grid/record-grid.tsx';
import { SearchField } from '../grid/search-field.tsx';
import { useListAddress } from '../grid/use-list-address.ts';
import { thresholdText, TypePane } from './type-pane.tsx';
import { ENGINE_MEANINGS, LEARNABLE_MEANINGS, SEVERITY_MEANINGS } from '../words/word-help.ts';

interface TypeColumn extends RecordColumn<AlertType> {
  /** What the column sorts by. */
  readonly value: (type: AlertType) => string | number;
}

const detected = (type: AlertType) => (type.detected ? 'Detected' : 'Not yet');
const byDefault = (type: AlertType) => (type.disabledByDefault ? 'Off' : 'On');
const state = (type: AlertType) => (type.on ? 'On' : 'Off');
const learnable = (type: AlertType) => (type.learnable ? 'Yes' : 'No');
const techniques = (type: AlertType) => type.techniques.map(({ id }) => id).join(', ');

/** A column of text. */
function text(
  id: string,
  label: string,
  minimum: number,
  value: (type: AlertType) => string | number,
  more: Partial<TypeColumn> = {},
): TypeColumn {
  return { id, label, minimum, value, cell: (type) => value(type).toLocaleString('en'), ...more };
}

const COLUMNS: readonly TypeColumn[] = [
  text('severity', 'Severity', 120, (type) => SEVERITIES.indexOf(shownSeverity(type)), {
    cell: (type) => <SeverityMark severity={shownSeverity(type)} />,
    meanings: SEVERITY_MEANINGS,
  }),
  text('title', 'Name', 280, (type) => type.title, { grows: 3, isTitle: true }),
  text('engine', 'Engine', 134, (type) => type.engineName, { meanings: ENGINE_MEANINGS }),
  text('alerts', 'Alerts, 30 days', 120, (type) => type.alerts),
  text('detected', 'Detected', 96, detected),
  text('state', 'State', 72, state),
  text('default', 'By default', 96, byDefault),
  text('learnable', 'Learnable', 92, learnable, { meanings: LEARNABLE_MEANINGS }),
  text('threshold', 'Threshold', 170, thresholdText, { grows: 1 }),
  text('techniques', 'Techniques', 130, techniques, { grows: 1 }),
  text('tier', 'Tier', 64, (type) => type.tier),
];

const FILTERS: readonly (readonly [key: string, label: string, value: (type: AlertType) => string])[] = [
  ['severity', 'Severity', (type) => shownSeverity(type)],
  ['engine', 'Engine', (type) => type.engineName],
  ['detected', 'Detected', detected],
  ['state', 'State', state],
  ['default', 'By default', byDefault],
  ['learnable', 'Learnable', learnable],
];

const ORDER = new Intl.Collator('en', { numeric: true });

export function Page() {
  const address = useListAddress('severity');
  const catalogue = useQuery({ queryKey: ['alert-types'], queryFn: fetchAlertTypes });
  const all = catalogue.data ?? [];
  const search = address.search.toLowerCase();
  const sorted = COLUMNS.find((column) => column.id === address.sort.column);
  const sign = address.sort.descending ? -1 : 1;
  const matches = (type: AlertType, exceptKey?: string) =>
    [type.title, type.id, type.description, type.category, ...type.protocols].some((part) => part.toLowerCase().includes(search)) &&
    FILTERS.every(([key, , value]) => {
      const chosen = address.chosen(key);
      return key === exceptKey || chosen.length === 0 || chosen.includes(value(type));
    });
  const types = all
    .filter((type) => matches(type))
    .toSorted((a, b) =>
      sorted
        ? sign * ORDER.compare(String(sorted.value(a)), String(sorted.value(b))) || ORDER.compare(a.title, b.title)
        : ORDER.compare(a.title, b.title),
    );
  const open = all.find((type) => type.id === address.open);
  const number = types.length === 1 ? '1 alert type' : `${types.length} alert types`;
  const watched = all.filter((type) => type.detected).length;
  return (
    <ListPage
      title="Alert types"
      updated={catalogue.dataUpdatedAt}
      counts={types.length === all.length ? `${number}, ${watched} of them detected` : `${number} of ${all.length}`}
      isLoading={catalogue.isLoading}
      isEmpty={types.length === 0}
      error={catalogue.error}
      emptyText="No alert types"
      onClear={address.hasFilters ? address.clear : null}
      onRefresh={() => void catalogue.refetch()}
      filters={
        <>
          <SearchField
            label="Search alert types"
            value={address.search}
            onSearch={(text) => address.set('search', text === '' ? [] : [text])}
          />
          {FILTERS.map(([key, label, value]) => (
            <ChoiceFilter
              key={key}
              label={label}
              choices={[
                ...Map.groupBy(
                  all.filter((type) => matches(type, key)),
                  value,
                ),
              ].map(([found, of]) => ({
                value: found,
                label: found,
                count: of.length,
              }))}
              chosen={address.chosen(key)}
              onChange={(chosen) => address.set(key, chosen)}
            />
          ))}
        </>
      }
      pane={open && <TypePane type={open} onClose={() => address.setOpen(null)} />}
    >
      <RecordGrid
        label="Alert types"
        rows={types}
        columns={COLUMNS}
        sort={address.sort}
        isOld={false}
        openId={address.open}
        idOf={(type) => type.id}
        onSort={address.toggleSort}
        onOpen={address.setOpen}
      />
    </ListPage>
  );
}
