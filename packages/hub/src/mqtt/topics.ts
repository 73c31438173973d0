/** The topics a device may publish to and subscribe to; there are no others, since the hub is no broker. */
import type { IdentityName } from '../identity/identity.ts';

/** What a session can be subscribed to, as a set of bits. */
export const SUBSCRIPTION = { commands: 1, methods: 2, twinResponses: 4, desired: 8, inputs: 16, commandsAtMostOnce: 32 } as const;

/** `devices/{id}` or `devices/{id}/modules/{m}`: what the own topics of an identity begin with. */
export function ownTopics({ deviceId, moduleId }: IdentityName): string {
  return moduleId === null ? `devices/${deviceId}` : `devices/${deviceId}/modules/${moduleId}`;
}

/** `foreign` is a topic of another device, or one that does not exist. */
export type Published =
  | { readonly to: 'events'; readonly bag: string }
  | { readonly to: 'methodResponse'; readonly status: number; readonly requestId: string }
  | { readonly to: 'twinGet'; readonly requestId: string }
  | { readonly to: 'twinReport'; readonly requestId: string }
  | { readonly to: 'foreign' };

const METHOD_RESPONSE = /^\$iothub\/methods\/res\/(\d{1,9})\/\?\$rid=([^/&]{1,64})$/;
const TWIN_GET = '$iothub/twin/GET/?$rid=';
const TWIN_REPORT = '$iothub/twin/PATCH/properties/reported/?$rid=';
const REQUEST_ID = /^[^/&+#]{1,64}$/;
const FOREIGN: Published = { to: 'foreign' };

/** What a publish to a topic means for the identity whose own topics begin with `own`. */
export function parsePublishTopic(topic: string, own: string): Published {
  if (topic.startsWith(own)) {
    const rest = topic.slice(own.length);
    if (rest.startsWith('/messages/events/')) return { to: 'events', bag: rest.slice('/messages/events/'.length) };
    return rest === '/messages/events' ? { to: 'events', bag: '' } : FOREIGN;
  }
  if (topic.startsWith(TWIN_REPORT)) return request('twinReport', topic.slice(TWIN_REPORT.length));
  if (topic.startsWith(TWIN_GET)) return request('twinGet', topic.slice(TWIN_GET.length));
  const response = METHOD_RESPONSE.exec(topic);
  return response ? { to: 'methodResponse', status: Number(response[1]), requestId: response[2] } : FOREIGN;
}

function request(to: 'twinGet' | 'twinReport', requestId: string): Published {
  return REQUEST_ID.test(requestId) ? { to, requestId } : FOREIGN;
}

const FIXED_FILTERS: Readonly<Record<string, number>> = {
  '$iothub/methods/POST/#': SUBSCRIPTION.methods,
  '$iothub/twin/res/#': SUBSCRIPTION.twinResponses,
  '$iothub/twin/PATCH/properties/desired/#': SUBSCRIPTION.desired,
};

/** The subscription a filter stands for, 0 for a filter that does not exist, `foreign` for a topic of another device. */
export function parseFilter(filter: string, own: string): number | 'foreign' {
  if (Object.hasOwn(FIXED_FILTERS, filter)) return FIXED_FILTERS[filter];
  if (filter === `${own}/messages/devicebound/#`) return SUBSCRIPTION.commands;
  if (filter === `${own}/inputs/#` && own.includes('/modules/')) return SUBSCRIPTION.inputs;
  return filter.startsWith('devices/') && !filter.startsWith(`${own}/`) ? 'foreign' : 0;
}
