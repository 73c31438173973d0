import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ACTIONS, type Action, may, ROLES } from './roles.ts';

const YES = true;
const NO = false;

/** Roles in the order of ROLES: Security Reader, Security Admin, Contributor, Owner; Viewer, Security Analyst, Admin. */
const DOCUMENTED: readonly (readonly [Action, readonly boolean[]])[] = [
  ['alerts.view', [YES, YES, YES, YES, YES, YES, YES]],
  ['alerts.status', [NO, YES, YES, YES, NO, YES, YES]],
  ['alerts.severity', [NO, YES, YES, YES, NO, NO, NO]],
  ['alerts.learn', [NO, YES, YES, YES, NO, YES, YES]],
  ['alerts.unlearn', [NO, NO, NO, NO, NO, YES, YES]],
  ['alerts.mute', [NO, NO, NO, NO, NO, YES, YES]],
  ['alerts.unmute', [NO, NO, NO, NO, NO, YES, YES]],
  ['alerts.pcap', [NO, YES, YES, YES, NO, YES, YES]],
  ['alerts.comment', [NO, YES, YES, YES, NO, YES, YES]],
  ['timeline.view', [YES, YES, YES, YES, NO, YES, YES]],
  ['devices.authorise', [NO, YES, YES, YES, NO, YES, YES]],
  ['devices.merge', [NO, YES, YES, YES, NO, NO, YES]],
  ['devices.delete', [NO, YES, YES, YES, NO, NO, YES]],
  ['suppression.edit', [NO, YES, YES, YES, NO, NO, NO]],
  ['exclusion.edit', [NO, NO, NO, YES, NO, NO, YES]],
  ['forwarding.edit', [NO, NO, NO, YES, NO, NO, YES]],
  ['customRules.edit', [NO, YES, YES, YES, NO, NO, YES]],
  ['users.edit', [NO, NO, NO, YES, NO, NO, YES]],
  ['tokens.edit', [NO, NO, NO, YES, NO, NO, YES]],
  ['settings.edit', [NO, NO, NO, YES, NO, NO, YES]],
];

for (const [action, answers] of DOCUMENTED) {
  test(`${action} is for the documented roles only`, () => {
    assert.deepEqual(
      ROLES.map((role) => may(role, action)),
      answers,
    );
  });
}

test('an owner and a sensor admin may do whatever anybody of their place may', () => {
  for (const action of ACTIONS) {
    const portal = ROLES.slice(0, 4).some((role) => may(role, action));
    const sensor = ROLES.slice(4).some((role) => may(role, action));
    assert.equal(may('Owner', action), portal, action);
    assert.equal(may('Admin', action), sensor, action);
  }
});

test('somebody who may only look changes nothing', () => {
  for (const action of ACTIONS) {
    if (!may('Security Reader', action) && !may('Viewer', action)) continue;
    assert.match(action, /\.(view|export|query)$/);
  }
});
