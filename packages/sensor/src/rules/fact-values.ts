/** What facts tell, as values of fields that rules can read. The names are those of fields.ts. */
import type { Fact } from '@annunciator/protocols/facts';

type Put = (name: string, value: number | string | readonly string[]) => void;

export function valuesOf(fact: Fact, put: Put): void {
  switch (fact.is) {
    case 'violation':
      put('violation', fact.name);
      return;
    case 'failure':
      put('failure', fact.name);
      put('failure.code', fact.code);
      return;
    case 'action':
      put('deed', fact.action);
      put('deed.phase', fact.phase);
      return;
    case 'login':
      put('user', fact.user);
      put('outcome', fact.outcome);
      return;
    case 'transfer':
      put('file', fact.name);
      put('direction', fact.direction);
      return;
    case 'name':
      put('name', fact.name);
      if (fact.domain !== undefined) put('domain', fact.domain);
      put('record', fact.type);
      put('rcode', fact.code);
      if (fact.addresses.length > 0) put('address', fact.addresses);
      return;
    case 'http':
      if (fact.step === 'request') {
        put('method', fact.method);
        put('host', fact.host);
        put('path', fact.path);
        put('user-agent', fact.userAgent);
        if (fact.soapAction !== '') put('soap-action', fact.soapAction);
      } else put('status', fact.status);
      if (fact.contentType !== '') put('content-type', fact.contentType);
      return;
    case 'lease':
      put('step', fact.step);
      put('client', [fact.clientMac]);
      if (fact.address !== '') put('address', [fact.address]);
      if (fact.hostName !== '') put('host-name', fact.hostName);
      if (fact.vendorClass !== '') put('vendor-class', fact.vendorClass);
      return;
    case 'arp':
      put('sender', [fact.senderMac]);
      put('sender.ip', [fact.senderIp]);
      put('target.ip', [fact.targetIp]);
      return;
    case 'remote':
      put('remote', fact.what);
      if (fact.name !== '') put('object', fact.name);
      if (fact.image !== undefined) put('image', fact.image);
      return;
    case 'notice':
      put('text', fact.text);
      return;
    case 'icmp':
      put('type', fact.type);
      put('size', fact.size);
      return;
    default:
  }
}
