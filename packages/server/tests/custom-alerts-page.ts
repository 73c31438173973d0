/** The page about custom alerts and the built-in alerts of the hub, with tables from the code. */
import { RULE_TYPES } from '@annunciator/rules/custom-alerts/rule-types';
import { HUB_ALERTS } from '@annunciator/rules/hub-alerts/catalogue';

/** Writes a table in Markdown. */
type Table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]) => string;

/** @param writeAnew the command that writes it */
export function customAlertsPage(table: Table, writeAnew: string): string {
  const rules = RULE_TYPES.map(({ name, displayName, dataSource, description, kind }) => [
    displayName,
    `\`${name}\``,
    kind === 'timeWindow' ? 'range' : 'list',
    dataSource,
    description,
  ]);
  const built = HUB_ALERTS.map(({ title, alertType, severity, description }) => [title, `\`${alertType}\``, severity, description]);
  return `# Custom alerts and built-in alerts of the hub

A custom alert states how the devices of a security group should behave: a range of how often something happens within a time
window, or a list of what is allowed. What lies outside raises an alert of severity Low, engine Micro-agent.

## Security groups

- A device is in the group that the tag \`SecurityGroup\` of its module \`azureiotsecurity\` names, else of its module
  \`DefenderIotMicroAgent\`, else of the device's own twin, else in the group \`default\`. Modules belong to the group of their device.
- Names of groups are the same however they are capitalised. A tag that is no text, or blank, counts as none.
- A group that nobody gave rules raises nothing, also when the group \`default\` has rules.
- A rule type stands in a group once. The name of an alert is fixed when it is first saved.

## How ranges are judged

- Counted for each device by itself; what its modules do counts for their device.
- Windows have whole minutes, from 1 minute (\`PT1M\`) to a day (\`P1D\`), and begin at multiples of their length since
  1970-01-01 in UTC: a window of 15 minutes begins at :00, :15, :30 and :45.
- Both bounds belong to the range. Too many is told at once, once for a window; the count is told again when the window has ended.
- Too few is told when the window has ended and a grace of 30 seconds is over. It is not told for a window in which the rule was
  saved, in which the device was created, enabled or moved into the group, or of which the hub missed a part; nor for disabled
  devices. A device that never connected is told: silence is what the lower bound is for. A lower bound of 0 tells nothing.
- What the hub counts has the time at which the hub received it. What an agent reports has the time at which it happened. Agents
  send late: their windows stay open twice as long as the interval at which the agent sends what is of low priority, as the twin of
  its module says (5 hours for the classic agent, a day for the micro agent), a day at most.
- A device that changes its group is counted in the old one until the window that runs has ended, and in the new one from its next
  window on; where the old group has no such rule, at once.

## How lists are judged

- Each element that an agent reports is compared when it arrives, with the list of the group that the device is in then.
- A value is told once a day (UTC) for each device; how often it came is counted.
- Networks are CIDR, or single addresses, of IPv4 and IPv6; bits beyond the prefix do not matter. Addresses of the device itself
  (127.0.0.0/8, ::1) raise nothing. An enabled list without values allows nothing.
- Users and processes are compared by upper and lower case; processes by name or by full path.

## What is counted

Readings of ours, where the product does not say:

- A cloud-to-device message counts when it is handed over to the device, since only then its protocol is known; a message that is
  handed over again counts again.
- MQTT cannot reject a message. A message that its device had and did not acknowledge until it was dead-lettered (for its delivery
  count, or because it expired) counts as rejected.
- Direct methods count when a back end with the right to do so invokes them, whatever the answer. Twin updates count whoever makes
  them. File uploads count when the device reports success.
- Unauthorized operations count for the device they name, if there is such a device.
- The state of the agent's connections is not known; different connections within the window are counted.

## Rule types

${table(['Behaviour', 'Rule type', 'Kind', 'Data source', 'What is judged'], rules)}

The type of an alert is \`IoT_CA_\` and the rule type. For each rule type there is a test of its name in
\`packages/hub/tests/custom-alerts.test.ts\`: a stock client does the real thing over the real wire, which raises the alert, after what
is nearest to it, which does not.

## Built-in alerts

Every hub raises these, whatever rules it has. What comes again within a minute is counted, not told one by one.

${table(['Alert', 'Type', 'Severity', 'What happened'], built)}

This page is written from the code: \`${writeAnew}\`.
`;
}
