/** File upload over HTTPS: announcing and finishing, and the block blobs themselves the way storage SDKs write them. */
import { randomUUID } from 'node:crypto';
import type { Hub } from '../core/hub.ts';
import { CONTAINER } from '../core/file-uploads.ts';
import { HubError } from '../hub-error.ts';
import type { BlobProperties } from '../blobs/blob-store.ts';
import { authenticated } from './device-routes.ts';
import { type Answer, type HubRequest, json, NO_CONTENT } from './request.ts';
import type { Route } from './router.ts';
import { callingService } from './service-routes.ts';

const BODY_BYTES = 16 * 1024;
const LIST_BYTES = 8 * 1024 * 1024;
const STORAGE_VERSION = '2020-10-02';

export function fileRoutes(hub: Hub): Route[] {
  const start = async (request: HubRequest): Promise<Answer> => {
    const deed = { category: 'FileUploadOperations', operation: 'initiate' } as const;
    const caller = await authenticated(hub, request, deed);
    const name = await hub.context.attempt(caller, { ...deed, target: caller.identity }, async () => {
      const { blobName } = await request.object(BODY_BYTES);
      if (typeof blobName !== 'string') throw new HubError('ArgumentInvalid', 'blobName is missing.');
      return blobName;
    });
    const { correlationId, blobName, token } = await hub.uploads.start(caller, name);
    return json({
      correlationId,
      hostName: request.header('host') ?? hub.context.names.host,
      containerName: CONTAINER,
      // Clients put it into an address as it is.
      blobName: blobName.split('/').map(encodeURIComponent).join('/'),
      sasToken: token,
    });
  };

  const finish = async (request: HubRequest): Promise<Answer> => {
    const deed = { category: 'FileUploadOperations', operation: 'complete' } as const;
    const caller = await authenticated(hub, request, deed);
    const told = await hub.context.attempt(caller, { ...deed, target: caller.identity }, () => request.object(BODY_BYTES));
    const correlationId = request.optional('correlation') ?? String(told['correlationId'] ?? '');
    await hub.uploads.finish(caller, correlationId, told['isSuccess'] === true, request.header('host') ?? hub.context.names.host);
    return NO_CONTENT;
  };

  const put = async (request: HubRequest): Promise<Answer> => {
    const blob = request.parameter('blob');
    await hub.uploads.checkToken(request.origin, blob, request.query);
    const type = request.header('x-ms-blob-content-type') ?? request.header('content-type') ?? 'application/octet-stream';
    switch (request.query.get('comp')) {
      case 'block':
        await hub.uploads.putBlock(request.origin, blob, request.query.get('blockid') ?? '', request.incoming);
        return { status: 201, headers: storageHeaders() };
      case 'blocklist': {
        const list = parseBlockList((await request.body(LIST_BYTES)).toString());
        return created(
          await hub.uploads.putBlockList(
            request.origin,
            blob,
            list,
            request.header('x-ms-blob-content-type') ?? 'application/octet-stream',
          ),
        );
      }
      default:
        return created(await hub.uploads.put(request.origin, blob, request.incoming, type));
    }
  };

  const get = async (request: HubRequest): Promise<Answer> => {
    const blob = request.parameter('blob');
    if (request.header('authorization') === undefined) await hub.uploads.checkToken(request.origin, blob, request.query);
    else await callingService(hub, request, { category: 'FileUploadOperations', operation: 'read', target: null });
    const { properties, content } = await hub.uploads.open(blob);
    const headers = { ...blobHeaders(properties), 'content-type': properties.contentType, 'content-length': String(properties.size) };
    return request.incoming.method === 'HEAD' ? { status: 200, headers } : { status: 200, headers, stream: content() };
  };

  const path = `/${CONTAINER}/:blob*`;
  return [
    { method: 'POST', path: '/devices/:device/files', handle: start },
    { method: 'POST', path: '/devices/:device/files/notifications', handle: finish },
    { method: 'POST', path: '/devices/:device/files/notifications/:correlation', handle: finish },
    { method: 'PUT', path, versioned: false, handle: put },
    { method: 'GET', path, versioned: false, handle: get },
    { method: 'HEAD', path, versioned: false, handle: get },
  ];
}

function created(properties: BlobProperties): Answer {
  return { status: 201, headers: { ...storageHeaders(), ...blobHeaders(properties) } };
}

function blobHeaders({ etag, lastModified }: BlobProperties): Record<string, string> {
  return { etag: `"${etag}"`, 'last-modified': new Date(lastModified).toUTCString(), 'x-ms-blob-type': 'BlockBlob' };
}

function storageHeaders(): Record<string, string> {
  return { 'x-ms-request-id': randomUUID(), 'x-ms-version': STORAGE_VERSION, 'x-ms-request-server-encrypted': 'false' };
}

/** Ids of `<BlockList><Latest>id</Latest>...</BlockList>`, in order. @throws HubError ArgumentInvalid */
function parseBlockList(xml: string): string[] {
  const body = /<BlockList>([\s\S]*)<\/BlockList>\s*$/.exec(xml) ?? (/<BlockList\s*\/>\s*$/.test(xml) ? ['', ''] : undefined);
  if (!body) throw new HubError('ArgumentInvalid', 'The body is no block list.');
  const ids = [...body[1].matchAll(/<(Latest|Committed|Uncommitted)>([A-Za-z0-9+/=]{1,128})<\/\1>/g)];
  const rest = ids.reduce((left, [text]) => left.replace(text, ''), body[1]);
  if (rest.trim() !== '') throw new HubError('ArgumentInvalid', 'The block list holds something else than block ids.');
  return ids.map(([, , id]) => id);
}
