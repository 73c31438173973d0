/**
 * The catalogue: every type of alert that the network engines can raise.
 *
 * The rows are data, one file per engine under `catalogue/`; this file completes and indexes them. Alert types of other
 * sources (hub, agents) are catalogues of their own with the same shape.
 */
import type { Engine } from './alert.ts';
import type { AlertType, AlertTypeRow } from './alert-type.ts';
import { tactic, technique } from './attack.ts';
import { ANOMALY } from './catalogue/anomaly.ts';
import { MALWARE } from './catalogue/malware.ts';
import { OPERATIONAL } from './catalogue/operational.ts';
import { POLICY_VIOLATION } from './catalogue/policy-violation.ts';
import { PROTOCOL_VIOLATION } from './catalogue/protocol-violation.ts';
import { NOT_DETECTED, TRIGGERS } from './detected.ts';
import { PORTAL_SEVERITY } from './severity.ts';

/** The words people read. */
export const ENGINE_NAMES: Readonly<Record<Engine, string>> = {
  PolicyViolation: 'Policy Violation',
  ProtocolViolation: 'Protocol Violation',
  Malware: 'Malware',
  Anomaly: 'Anomaly',
  Operational: 'Operational',
  MicroAgent: 'Micro-agent',
};

/** Engines as the maintenance-window API of the management console spells them. */
export const MAINTENANCE_ENGINES: ReadonlyMap<string, Engine> = new Map([
  ['ANOMALY', 'Anomaly'],
  ['MALWARE', 'Malware'],
  ['OPERATIONAL', 'Operational'],
  ['POLICY_VIOLATION', 'PolicyViolation'],
  ['PROTOCOL_VIOLATION', 'ProtocolViolation'],
]);

/** Fills in what a row leaves out. */
function complete(engine: Engine, row: AlertTypeRow): AlertType {
  const learnable = row.learnable ?? false;
  return {
    id: row.id,
    title: row.title,
    engine,
    severity: row.severity,
    portalSeverity: PORTAL_SEVERITY[row.severity],
    category: row.category,
    learnable,
    muteable: !learnable && row.category !== 'Sensor traffic',
    aggregated: row.aggregated ?? false,
    disabledByDefault: row.disabledByDefault ?? false,
    focus: row.focus ?? 'ot-only',
    tactics: row.tactics.map(tactic),
    techniques: row.techniques.map(technique),
    protocols: row.protocols,
    threshold: row.threshold ?? null,
    also: row.also ?? [],
    pcap: row.pcap ?? true,
    tier: row.tier,
    detected: row.id in TRIGGERS,
    trigger: TRIGGERS[row.id] ?? NOT_DETECTED[row.id] ?? '',
    description: row.description,
    remediation: row.remediation,
  };
}

function completeAll(): AlertType[] {
  const rows: readonly (readonly [Engine, readonly AlertTypeRow[]])[] = [
    ['PolicyViolation', POLICY_VIOLATION],
    ['ProtocolViolation', PROTOCOL_VIOLATION],
    ['Malware', MALWARE],
    ['Anomaly', ANOMALY],
    ['Operational', OPERATIONAL],
  ];
  return rows.flatMap(([engine, types]) => types.map((row) => complete(engine, row)));
}

/** Every network alert type, by engine and then in the reference's order. */
export const CATALOGUE: readonly AlertType[] = completeAll();

const BY_ID: ReadonlyMap<string, AlertType> = new Map(CATALOGUE.map((type) => [type.id, type]));

/** The type with this id, undefined when the catalogue has none. */
export function findAlertType(id: string): AlertType | undefined {
  return BY_ID.get(id);
}
