/** Messages from devices: checked, stamped, and written into the journal before they are acknowledged. */
import type { HubAuthentication } from '@annunciator/rules/hub-operation';
import type { DeviceCaller } from '../authentication/caller.ts';
import { HubError } from '../hub-error.ts';
import { type DeviceMessage, messageBytes } from '../message/message.ts';
import type { Deed, HubContext } from './context.ts';

export class Telemetry {
  readonly #context: HubContext;

  constructor(context: HubContext) {
    this.#context = context;
  }

  /** Accepts a message; durable when the promise resolves. @throws HubError MessageTooLarge, ThrottlingException, StorageFull */
  async accept(caller: DeviceCaller, message: DeviceMessage): Promise<void> {
    const began = this.#context.clock();
    const deed: Deed = { category: 'DeviceTelemetry', operation: 'ingress', target: caller.identity, sizeBytes: messageBytes(message) };
    try {
      await this.#admit(deed.sizeBytes ?? 0, 1);
      await this.#write(caller, message, deed, began);
    } catch (error) {
      throw await this.#context.refuse(caller, deed, error, began);
    }
  }

  /** Accepts several messages that came together, or none of them. Their sizes are limited together. */
  async acceptBatch(caller: DeviceCaller, messages: readonly DeviceMessage[]): Promise<void> {
    const began = this.#context.clock();
    const sizes = messages.map(messageBytes);
    const total = sizes.reduce((sum, bytes) => sum + bytes, 0);
    const deed: Deed = { category: 'DeviceTelemetry', operation: 'ingress', target: caller.identity, sizeBytes: total };
    try {
      await this.#admit(total, 1);
      await Promise.all(messages.map((message, at) => this.#write(caller, message, { ...deed, sizeBytes: sizes[at] }, began)));
    } catch (error) {
      throw await this.#context.refuse(caller, deed, error, began);
    }
  }

  async #admit(bytes: number, sends: number): Promise<void> {
    const { deviceMessageBytes } = this.#context.limits;
    if (bytes > deviceMessageBytes)
      throw new HubError('MessageTooLarge', `The message has ${bytes} bytes; ${deviceMessageBytes} are allowed.`);
    await this.#context.throttle.pass('deviceMessages', sends);
    this.#context.disk.check();
  }

  #write(caller: DeviceCaller, { system, application, body }: DeviceMessage, deed: Deed, began: number): Promise<void> {
    const { deviceId, moduleId, generationId } = caller.identity;
    return this.#context.operations.recordEvent(this.#context.describe(caller, deed, null, began), {
      stamp: {
        deviceId,
        moduleId,
        generationId,
        authMethod: AUTH_METHODS[caller.authentication][moduleId === null ? 'device' : 'module'],
        // Devices always come over a wire.
        protocol: caller.protocol ?? 'MQTT',
      },
      system,
      application,
      body,
    });
  }
}

function methods(type: string, scope?: string): { device: string; module: string } {
  const text = (own: string): string => JSON.stringify({ scope: scope ?? own, type, issuer: 'iothub' });
  return { device: text('device'), module: text('module') };
}

/** `iothub-connection-auth-method` of messages. */
const AUTH_METHODS: Readonly<Record<HubAuthentication, { device: string; module: string }>> = {
  sas: methods('sas'),
  policy: methods('sas', 'hub'),
  x509SelfSigned: methods('x509'),
  x509CertificateAuthority: methods('x509'),
  blobToken: methods('sas'),
  local: methods('sas', 'hub'),
};
