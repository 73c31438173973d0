/** The WebSocket transports of azure-iot-device-mqtt and azure-iot-device-amqp against a whole hub over TLS. */
import { after, before, describe } from 'node:test';
import { commandTests, messageTests, methodTests, twinTests } from './device-suite.ts';
import { TestHub } from './hub-under-test.ts';
import { identityTests } from './identity-suite.ts';

let hub: TestHub;
before(async () => {
  hub = await TestHub.start({ limits: { feedbackDelayMs: 0 } });
});
after(() => hub.stop());

for (const [transport, protocol] of [
  ['mqtt-ws', 'MQTT'],
  ['amqp-ws', 'AMQP'],
] as const)
  describe(transport, () => {
    const target = { hub: () => hub, transport, protocol };
    messageTests(target);
    commandTests(target);
    methodTests(target);
    twinTests(target);
    identityTests(target);
  });
