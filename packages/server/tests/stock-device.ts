/** A device on the unmodified SDK at a sample hub. Close it: the SDK keeps a timer for its token until then. */
import iotCommon from 'azure-iot-common';
import iotDevice, { type Client } from 'azure-iot-device';
import iotMqtt from 'azure-iot-device-mqtt';
import type { SampleHub } from './sample-hub.ts';

export const { Message } = iotDevice;

/** @param connectionString as the portal shows it */
export async function stockDevice({ running, ca }: SampleHub, connectionString: string): Promise<Client> {
  const string = connectionString.replace('HostName=localhost', `HostName=localhost:${running.ports.mqtt}`);
  const client = iotDevice.Client.fromConnectionString(string, iotMqtt.Mqtt);
  client.setRetryPolicy(new iotCommon.NoRetry());
  await client.setOptions({ ca });
  await client.open();
  return client;
}

/** Makes a device; returns its connection string. */
export async function makeDevice({ desk }: SampleHub, deviceId: string): Promise<string> {
  const name = { deviceId, moduleId: null };
  const authentication = { type: 'sas', primaryKey: null, secondaryKey: null, primaryThumbprint: null, secondaryThumbprint: null } as const;
  await desk.create({ ...name, authentication, status: 'enabled' }, 'test');
  return (await desk.keys(name, 'test')).primaryConnectionString;
}
