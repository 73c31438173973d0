/** The unmodified azure-iot-device-http against a whole hub over TLS. */
import { after, before } from 'node:test';
import { commandTests, messageTests, oversizeTests, settlementTests, type SuiteTarget } from './device-suite.ts';
import { identityTests } from './identity-suite.ts';
import { TestHub } from './hub-under-test.ts';

let hub: TestHub;
before(async () => {
  hub = await TestHub.start({ limits: { feedbackDelayMs: 0 } });
});
after(() => hub.stop());

const target: SuiteTarget = { hub: () => hub, transport: 'http', protocol: 'HTTPS' };
messageTests(target);
oversizeTests(target);
commandTests(target);
settlementTests(target);
identityTests(target);
