/** The unmodified azure-iot-device-amqp against a whole hub over TLS. */
import { after, before } from 'node:test';
import { commandTests, messageTests, oversizeTests, methodTests, settlementTests, twinTests } from './device-suite.ts';
import { identityTests, sessionTests, moduleTests } from './identity-suite.ts';
import { TestHub } from './hub-under-test.ts';

let hub: TestHub;
before(async () => {
  hub = await TestHub.start({ limits: { feedbackDelayMs: 0 } });
});
after(() => hub.stop());

const target = { hub: () => hub, transport: 'amqp', protocol: 'AMQP' } as const;
messageTests(target);
oversizeTests(target);
commandTests(target);
settlementTests(target);
methodTests(target);
twinTests(target);
identityTests(target);
sessionTests(target);
moduleTests(target);
