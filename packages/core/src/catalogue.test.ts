import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ENGINES } from './alert.ts';
import { CATEGORIES } from './alert-type.ts';
import { CATALOGUE, ENGINE_NAMES, findAlertType, MAINTENANCE_ENGINES } from './catalogue.ts';
import { DETECTED_TYPES, NOT_DETECTED, TRIGGERS } from './detected.ts';

interface SpecName {
  id: string;
  name: string;
  retired?: boolean;
}

interface SpecType {
  id: string;
  title: string;
  engine: string;
  severity: string;
  severityPortal: string;
  category: string;
  learnable: boolean;
  muteable: boolean;
  aggregated: boolean;
  disabledByDefault: boolean;
  focus: string;
  pcap: boolean;
  tier: number;
  protocols: string[];
  mitre: { tactics: SpecName[]; techniques: SpecName[] };
  threshold?: { count: number; windowSec: number; metric: string; source: string };
  description: string;
  trigger: string;
  remediation: string[];
}

const SPEC = process.env['ANNUNCIATOR_SPEC'] ?? new URL('../../../../shared/spec', import.meta.url).pathname;
const SPEC_FILE = `${SPEC}/ot-alerts.json`;
const skip = existsSync(SPEC_FILE) ? false : 'the specification of alert types is not here (ANNUNCIATOR_SPEC)';

function specTypes(): SpecType[] {
  return JSON.parse(readFileSync(SPEC_FILE, 'utf8'));
}

function plainNames(names: readonly SpecName[]): SpecName[] {
  return names.map(({ id, name, retired }) => ({ id, name, retired: retired ?? false }));
}

test('every type has the facts of the specification', { skip }, () => {
  const spec = specTypes();
  assert.deepEqual(CATALOGUE.map((type) => type.id).sort(), spec.map((type) => type.id).sort());
  for (const expected of spec) {
    const type = findAlertType(expected.id);
    assert.ok(type);
    const { id, title, engine, severity, category, learnable, muteable, aggregated, disabledByDefault, focus, pcap, tier, protocols } =
      expected;
    assert.deepEqual(
      { ...type, description: '', remediation: [], also: [], detected: false, trigger: '' },
      {
        id,
        title,
        engine,
        severity,
        category,
        learnable,
        muteable,
        aggregated,
        disabledByDefault,
        focus,
        pcap,
        tier,
        protocols,
        portalSeverity: expected.severityPortal,
        tactics: plainNames(expected.mitre.tactics),
        techniques: plainNames(expected.mitre.techniques),
        threshold: expected.threshold
          ? {
              count: expected.threshold.count,
              windowSeconds: expected.threshold.windowSec,
              metric: expected.threshold.metric,
              documented: expected.threshold.source === 'documented',
            }
          : null,
        description: '',
        remediation: [],
        also: [],
        detected: false,
        trigger: '',
      },
    );
  }
});

test('no sentence is one of the specification', { skip }, () => {
  const bare = (sentence: string): string => sentence.toLowerCase().replace(/[^a-z0-9 ]/g, '');
  const taken = new Set(specTypes().flatMap((type) => [type.description, type.trigger, ...type.remediation].map(bare)));
  for (const type of CATALOGUE) {
    for (const sentence of [type.description, type.trigger, ...type.remediation])
      assert.ok(!taken.has(bare(sentence)), `${type.id}: ${sentence}`);
  }
});

test('every type says what happened and two to four things to do', () => {
  assert.equal(CATALOGUE.length, 203);
  for (const type of CATALOGUE) {
    assert.match(type.description, /^[A-Z].{20,}\.$/, type.id);
    assert.ok(type.remediation.length >= 2 && type.remediation.length <= 4, `${type.id} has ${type.remediation.length} steps`);
    for (const step of type.remediation) assert.match(step, /^[A-Z].{15,}[.?]$/, `${type.id}: ${step}`);
  }
});

test('every type says what raises it, or why nothing does', () => {
  const known = new Set(CATALOGUE.map(({ id }) => id));
  for (const id of [...Object.keys(TRIGGERS), ...Object.keys(NOT_DETECTED)]) assert.ok(known.has(id), `${id} is no type`);
  for (const { id, trigger, detected } of CATALOGUE) {
    assert.match(trigger, /^[A-Z].{10,}\.$/, id);
    assert.notEqual(id in TRIGGERS, id in NOT_DETECTED, id);
    assert.equal(detected, id in TRIGGERS, id);
  }
});

test('no type advises what its alerts refuse', () => {
  for (const type of CATALOGUE) {
    const text = type.remediation.join(' ');
    if (/\blearn the alert\b/i.test(text)) assert.ok(type.learnable, `${type.id} cannot be learned`);
    if (/\bmute\b/i.test(text)) assert.ok(type.muteable, `${type.id} cannot be muted`);
  }
});

test('no two types share an id, a title or a description', () => {
  for (const field of ['id', 'title', 'description'] as const) {
    assert.equal(new Set(CATALOGUE.map((type) => type[field])).size, CATALOGUE.length, field);
  }
});

test('every category is a known one and every engine has a name', () => {
  const categories = new Set<string>(CATEGORIES);
  for (const type of CATALOGUE) assert.ok(categories.has(type.category), type.id);
  assert.deepEqual(Object.keys(ENGINE_NAMES).sort(), [...ENGINES].sort());
  assert.deepEqual([...MAINTENANCE_ENGINES.values()].sort(), ENGINES.filter((engine) => engine !== 'MicroAgent').sort());
});

test('the list of detected types names types of the catalogue once', () => {
  assert.equal(new Set(DETECTED_TYPES).size, DETECTED_TYPES.length);
  for (const id of DETECTED_TYPES) assert.equal(findAlertType(id)?.detected, true, id);
});
