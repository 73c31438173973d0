/** The unmodified azure-iot-device-mqtt against a whole hub over TLS. */
import { after, before } from 'node:test';
import { commandTests, messageTests, methodTests, twinTests } from './device-suite.ts';
import { identityTests, sessionTests, moduleTests } from './identity-suite.ts';
import { TestHub } from './hub-under-test.ts';

let hub: TestHub;
before(async () => {
  hub = await TestHub.start({ limits: { feedbackDelayMs: 0 } });
});
after(() => hub.stop());

const target = { hub: () => hub, transport: 'mqtt', protocol: 'MQTT' } as const;
messageTests(target);
commandTests(target);
methodTests(target);
twinTests(target);
identityTests(target);
sessionTests(target);
moduleTests(target);
