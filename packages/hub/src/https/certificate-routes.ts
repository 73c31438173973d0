/** Certificate authorities of devices, as back ends with the rights of the owner manage them. */
import type { HubOperationName } from '@annunciator/rules/hub-operation';
import type { HubCertificate } from '../core/certificate-book.ts';
import type { Deed } from '../core/context.ts';
import type { Hub } from '../core/hub.ts';
import { HubError } from '../hub-error.ts';
import { type Answer, type HubRequest, json, NO_CONTENT } from './request.ts';
import type { Route } from './router.ts';
import { callingService } from './service-routes.ts';

const BODY_BYTES = 64 * 1024;

export function certificateRoutes(hub: Hub): Route[] {
  const { certificates } = hub;
  const deed = (operation: HubOperationName<'Certificates'>): Deed => ({ category: 'Certificates', operation, target: null });

  const list = async (request: HubRequest): Promise<Answer> =>
    json({ value: (await certificates.list(await callingService(hub, request, deed('get')))).map(format) });

  const get = async (request: HubRequest): Promise<Answer> =>
    json(format(await certificates.get(await callingService(hub, request, deed('get')), request.parameter('name'))));

  const put = async (request: HubRequest): Promise<Answer> => {
    const caller = await callingService(hub, request, deed('create'));
    const { certificate, isVerified } = await hub.context.attempt(caller, deed('create'), () => given(request));
    return json(format(await certificates.put(caller, request.parameter('name'), certificate, isVerified, request.ifMatch)));
  };

  const code = async (request: HubRequest): Promise<Answer> => {
    const caller = await callingService(hub, request, deed('verify'));
    return json(format(await certificates.generateVerificationCode(caller, request.parameter('name'), request.ifMatch)));
  };

  const verify = async (request: HubRequest): Promise<Answer> => {
    const caller = await callingService(hub, request, deed('verify'));
    const { certificate } = await hub.context.attempt(caller, deed('verify'), () => given(request));
    return json(format(await certificates.verify(caller, request.parameter('name'), certificate, request.ifMatch)));
  };

  const remove = async (request: HubRequest): Promise<Answer> => {
    await certificates.delete(await callingService(hub, request, deed('delete')), request.parameter('name'), request.ifMatch);
    return NO_CONTENT;
  };

  return [
    { method: 'GET', path: '/certificates', handle: list },
    { method: 'GET', path: '/certificates/:name', handle: get },
    { method: 'PUT', path: '/certificates/:name', handle: put },
    { method: 'DELETE', path: '/certificates/:name', handle: remove },
    { method: 'POST', path: '/certificates/:name/generateVerificationCode', handle: code },
    { method: 'POST', path: '/certificates/:name/verify', handle: verify },
  ];
}

async function given(request: HubRequest): Promise<{ certificate: string; isVerified: boolean }> {
  const { certificate, isVerified } = await request.object(BODY_BYTES);
  if (typeof certificate !== 'string') throw new HubError('ArgumentInvalid', 'certificate is missing: give it in PEM or in base64.');
  return { certificate, isVerified: isVerified === true };
}

function format(certificate: HubCertificate): object {
  const { name, etag, expiry, created, updated, verificationCode, ...properties } = certificate;
  return {
    name,
    etag,
    properties: {
      ...properties,
      expiry: new Date(expiry).toISOString(),
      created: new Date(created).toISOString(),
      updated: new Date(updated).toISOString(),
      ...(verificationCode === null ? {} : { verificationCode }),
    },
  };
}
