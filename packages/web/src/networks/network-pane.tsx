/** What people say of a network or a VLAN. */
import { Button, Field, Input, Radio, RadioGroup, Text } from '@fluentui/react-components';
import { useState } from 'react';
import { describeNetwork, forgetNetwork, nameVlan, type Network, type NetworkKind, type Vlan } from '../api/networks.ts';
import { DetailsPane } from '../grid/details-pane.tsx';
import { KIND_WORDS } from './network-words.ts';

export interface NetworkPaneProps {
  /** Null adds one. */
  readonly network: Network | null;
  readonly mayEdit: boolean;
  onClose(): void;
  /** Carries a change out, says `done`, and closes the pane when it went well. */
  onChange(work: Promise<void>, done: string): void;
}

export function NetworkPane({ network, mayEdit, onClose, onChange }: NetworkPaneProps) {
  const [cidr, setCidr] = useState(network?.cidr ?? '');
  const [name, setName] = useState(network?.name ?? '');
  const [kind, setKind] = useState<NetworkKind>(network?.kind ?? 'auto');
  const save = () => onChange(describeNetwork({ cidr: cidr.trim(), name: name.trim(), kind }), `The network ${cidr.trim()} was described.`);
  return (
    <DetailsPane
      label="Network"
      contentLabel="What is said of the network"
      title={network ? network.name || network.cidr : 'Add network'}
      onClose={onClose}
      footer={
        mayEdit && (
          <>
            <Button appearance="primary" disabled={cidr.trim() === ''} onClick={save}>
              Save
            </Button>
            {network?.named && (
              <Button onClick={() => onChange(forgetNetwork(network.cidr), `What was said of ${network.cidr} was taken back.`)}>
                Forget
              </Button>
            )}
          </>
        )
      }
    >
      <Field label="Network" hint="Such as 10.1.2.0/24">
        <Input value={cidr} disabled={network !== null} maxLength={60} onChange={(_, { value }) => setCidr(value)} />
      </Field>
      <Field label="Name">
        <Input value={name} disabled={!mayEdit} maxLength={60} onChange={(_, { value }) => setName(value)} />
      </Field>
      <Field label="Kind">
        {/* The values of the radios are the kinds. */}
        <RadioGroup value={kind} disabled={!mayEdit} onChange={(_, { value }) => setKind(value as NetworkKind)}>
          {Object.entries(KIND_WORDS).map(([value, words]) => (
            <Radio key={value} value={value} label={words} />
          ))}
        </RadioGroup>
      </Field>
      <Text>
        Most alerts are raised in networks of the plant only. A network in a network may be said otherwise: the smaller one counts.
      </Text>
    </DetailsPane>
  );
}

export function VlanPane({ vlan, mayEdit, onClose, onChange }: Omit<NetworkPaneProps, 'network'> & { readonly vlan: Vlan }) {
  const [name, setName] = useState(vlan.name);
  return (
    <DetailsPane
      label="VLAN"
      contentLabel="What is said of the VLAN"
      title={`VLAN ${vlan.id}`}
      onClose={onClose}
      footer={
        mayEdit && (
          <Button appearance="primary" onClick={() => onChange(nameVlan(vlan.id, name.trim()), `VLAN ${vlan.id} was named.`)}>
            Save
          </Button>
        )
      }
    >
      <Field label="Name">
        <Input value={name} disabled={!mayEdit} maxLength={50} onChange={(_, { value }) => setName(value)} />
      </Field>
    </DetailsPane>
  );
}
