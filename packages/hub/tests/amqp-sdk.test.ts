/** The unmodified azure-iot-device-amqp against a whole hub over TLS. */
import { after, before } from 'node:test';
import { commandTests, messageTests, oversizeTests, methodTests, settlementTests, type SuiteTarget, twinTests } from './device-suite.ts';
import { TestHub } from './hub-under-test.ts';

let hub: TestHub;
before(async () => {
  hub = await TestHub.start({ limits: { feedbackDelayMs: 0 } });
});
after(() => hub.stop());

const target: SuiteTarget = { hub: () => hub, transport: 'amqp', protocol: 'AMQP' };
messageTests(target);
oversizeTests(target);
commandTests(target);
settlementTests(target);
methodTests(target);
twinTests(target);
