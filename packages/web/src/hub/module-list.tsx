/** The modules of a device: open one, make one. Security agents are modules. */
import { Button, Combobox, Field, Link, makeStyles, Option, Spinner, Text, tokens } from '@fluentui/react-components';
import { Add20Regular } from '@fluentui/react-icons/svg/add';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { DetectionTime } from '../alerts/detection-time.tsx';
import { AUTHENTICATION_WORDS, createModule, fetchModules, pageOf } from '../api/hub.ts';
import { useSession } from '../session/session-gate.tsx';
import { Card } from '../shell/card.tsx';
import { ConnectionMark } from './marks.tsx';
import { useTableStyles } from './table-styles.ts';
import { Trouble } from '../shell/trouble.tsx';

const useStyles = makeStyles({
  form: { display: 'flex', flexWrap: 'wrap', gap: '12px', alignItems: 'end' },
  field: { minWidth: '260px' },
  faint: { color: tokens.colorNeutralForeground3 },
  stack: { display: 'grid', gap: '16px' },
});

/** The modules of the classic agent and of the micro agent: a SecurityGroup tag on these goes before that of the device. */
const AGENTS = ['azureiotsecurity', 'DefenderIotMicroAgent'];

export function ModuleList({ device }: { device: string }) {
  const styles = useStyles();
  const table = useTableStyles();
  const navigate = useNavigate();
  const session = useSession();
  const queries = useQueryClient();
  const [id, setId] = useState('');
  const list = useQuery({ queryKey: ['hub', 'modules', device], queryFn: () => fetchModules(device) });
  const create = useMutation({
    mutationFn: () => createModule(device, id.trim()),
    onSuccess: async () => {
      setId('');
      await queries.invalidateQueries({ queryKey: ['hub'] });
    },
  });
  const trouble = list.error ?? create.error;
  const open = (module: string) => void navigate(pageOf({ device, module }));
  return (
    <div className={styles.stack}>
      <Trouble error={trouble} />
      <Card title="Modules">
        {list.isLoading && <Spinner label="Loading" />}
        {list.data?.length === 0 && <Text className={styles.faint}>This device has no modules.</Text>}
        {list.data && list.data.length > 0 && (
          <table className={table.table}>
            <thead>
              <tr>
                {['Module ID', 'Connection', 'Last activity', 'Authentication'].map((title) => (
                  <th key={title} scope="col" className={table.head}>
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {list.data.map(({ moduleId, connected, lastActivity, authentication }) => (
                <tr key={moduleId}>
                  <td className={table.cell}>
                    <Link as="button" onClick={() => open(moduleId ?? '')}>
                      {moduleId}
                    </Link>
                  </td>
                  <td className={table.cell}>
                    <ConnectionMark connected={connected} />
                  </td>
                  <td className={table.cell}>{lastActivity === null ? 'Never' : <DetectionTime at={lastActivity} />}</td>
                  <td className={table.cell}>{AUTHENTICATION_WORDS[authentication]}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {session.may('hub.edit') && (
          <form
            className={styles.form}
            onSubmit={(event) => {
              event.preventDefault();
              create.mutate();
            }}
          >
            <Field label="New module" className={styles.field}>
              <Combobox
                freeform
                value={id}
                onChange={(event) => setId(event.target.value)}
                onOptionSelect={(_, data) => setId(data.optionText ?? '')}
              >
                {AGENTS.map((agent) => (
                  <Option key={agent}>{agent}</Option>
                ))}
              </Combobox>
            </Field>
            <Button type="submit" icon={<Add20Regular />} disabled={id.trim() === '' || create.isPending}>
              Add module
            </Button>
          </form>
        )}
        <Text size={200} className={styles.faint}>
          azureiotsecurity and DefenderIotMicroAgent are the modules of security agents.
        </Text>
      </Card>
    </div>
  );
}
