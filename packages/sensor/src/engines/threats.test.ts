import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { ThreatFileError, ThreatIntelligence } from './threats.ts';

const folder = mkdtempSync(join(tmpdir(), 'annunciator-threats-'));
after(() => rmSync(folder, { recursive: true }));

function read(content: string): ThreatIntelligence {
  const file = join(folder, 'threats.json');
  writeFileSync(file, content);
  return ThreatIntelligence.read(file);
}

describe('threat lists', () => {
  it('are read from JSON, with families and alert types', () => {
    const threats = read(
      JSON.stringify({
        names: [{ indicator: 'Bad.Example.', family: 'Havex', alert: 'suspicion-of-malicious-activity-havex' }],
        addresses: [{ indicator: '203.0.113.9' }, { indicator: '2001:DB8::9' }],
        urls: [{ indicator: 'host.example/a/b' }, { indicator: '/shell.php' }],
      }),
    );
    assert.equal(threats.name('bad.example')?.alert, 'suspicion-of-malicious-activity-havex');
    assert.equal(threats.name('X.bad.example.')?.family, 'Havex');
    assert.equal(threats.name('notbad.example'), undefined);
    assert.equal(threats.name('example'), undefined);
    assert.ok(threats.address('203.0.113.9'));
    assert.ok(threats.address('2001:db8::9'));
    assert.equal(threats.address('203.0.113.90'), undefined);
    assert.ok(threats.url('HOST.example:8080', '/A/b/c?d=1'));
    assert.equal(threats.url('host.example', '/a/bc'), undefined);
    assert.equal(threats.url('host.example', '/a'), undefined);
    assert.ok(threats.url('any.example', '/shell.php?x=/'));
  });

  it('know the name with which WannaCry looks whether to go on', () => {
    assert.equal(new ThreatIntelligence().name('www.iuqerfsodp9ifjaposdfjhgosurijfaewrwergwea.com')?.family, 'WannaCry');
  });

  it('paths of any depth cost a bounded number of look-ups', () => {
    const threats = new ThreatIntelligence([], [], [{ indicator: '/a' }]);
    assert.equal(threats.url('h', '/x'.repeat(100_000)), undefined);
    assert.ok(threats.url('h', `/a${'/x'.repeat(10)}`));
  });

  for (const [what, content, says] of [
    ['no JSON', '{', /cannot be read/],
    ['no list', '{"names": {}}', /"names" .* is no list/],
    ['an entry without indicator', '{"urls": [{"indicator": "/a"}, {}]}', /Entry 2 of "urls" .* has no "indicator"/],
    ['an unknown alert type', '{"names": [{"indicator": "a.example", "alert": "nonsense"}]}', /"nonsense", which no list can raise/],
    ['an alert type of another engine', '{"names": [{"indicator": "a.example", "alert": "new-asset-detected"}]}', /no list can raise/],
  ] as const)
    it(`are refused with a sentence: ${what}`, () => {
      assert.throws(
        () => read(content),
        (error) => error instanceof ThreatFileError && says.test(error.message),
      );
    });

  it('a file that is missing is refused', () => {
    assert.throws(() => ThreatIntelligence.read(join(folder, 'none.json')), ThreatFileError);
  });
});
