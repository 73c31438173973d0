/** Names of what MMS services touch, as text: objects, domains, program invocations, files. Called for rare services only. */
import { text } from '@annunciator/packet/bytes';
import { Tlv, Universal } from '../ber/tlv.ts';
import { Service } from './names.ts';

const LONGEST_NAME = 128;
/** Names of one request that are looked at. */
const MOST_NAMES = 32;

const tlv = new Tlv();
const inner = new Tlv();
const choice = new Tlv();
const deep = new Tlv();

/** `ObjectName`: `item`, `domain/item`, or `@item` of the association. `bytes[start, end)` holds the element. */
export function objectName(bytes: Uint8Array, start: number, end: number): string {
  if (!deep.read(bytes, start, end)) return '';
  if (deep.tag === 0x80) return text(bytes, deep.start, deep.end, LONGEST_NAME);
  if (deep.tag === 0x82) return `@${text(bytes, deep.start, deep.end, LONGEST_NAME)}`;
  if (deep.tag !== 0xa1) return '';
  const last = deep.end;
  let name = '';
  for (let at = deep.start, parts = 0; at < last && parts < 2 && deep.read(bytes, at, last); at = deep.next, parts++)
    name += `${parts ? '/' : ''}${text(bytes, deep.start, deep.end, LONGEST_NAME)}`;
  return name;
}

/** Names of the variables that a write, or a definition of a list, names first: `bytes[start, end)` holds the contents of the service. */
export function variableNames(bytes: Uint8Array, start: number, end: number): string[] {
  const names: string[] = [];
  if (!tlv.read(bytes, start, end)) return names;
  if (tlv.tag === 0xa1) return [objectName(bytes, tlv.start, tlv.end)];
  if (tlv.tag !== 0xa0) return names;
  for (let at = tlv.start; at < tlv.end && names.length < MOST_NAMES; at = inner.next) {
    if (!inner.read(bytes, at, tlv.end)) break;
    if (inner.tag !== Universal.Sequence || !choice.read(bytes, inner.start, inner.end)) continue;
    // variables that are addressed or described have no name
    names.push(choice.tag === 0xa0 ? objectName(bytes, choice.start, choice.end) : 'unnamed variable');
  }
  return names;
}

/** `FileName`: its parts one after the other. `bytes[start, end)` holds the parts. */
function fileName(bytes: Uint8Array, start: number, end: number): string {
  let name = '';
  for (let at = start; at < end && name.length < LONGEST_NAME && deep.read(bytes, at, end); at = deep.next)
    name += text(bytes, deep.start, deep.end, LONGEST_NAME);
  return name;
}

/** The element of the contents with this identifier octet, read into `tlv`. */
function find(bytes: Uint8Array, start: number, end: number, tag: number): boolean {
  for (let at = start; at < end && tlv.read(bytes, at, end); at = tlv.next) if (tlv.tag === tag) return true;
  return false;
}

/**
 * What a service of domains, programs or files is about, or the object that it defines or deletes; empty when it says
 * nothing. `bytes[start, end)` holds the contents of the service.
 */
export function subject(bytes: Uint8Array, service: number, start: number, end: number): string {
  switch (service) {
    case Service.DownloadSegment:
    case Service.InitiateUploadSequence:
    case Service.DeleteDomain:
    case Service.DeleteProgramInvocation:
      return text(bytes, start, end, LONGEST_NAME);
    case Service.UploadSegment:
    case Service.TerminateUploadSequence:
      return '';
    case Service.ObtainFile:
      return find(bytes, start, end, 0xa2) ? fileName(bytes, tlv.start, tlv.end) : '';
    case Service.FileOpen:
    case Service.FileRename:
      return find(bytes, start, end, 0xa0) ? fileName(bytes, tlv.start, tlv.end) : '';
    case Service.FileDelete:
      return fileName(bytes, start, end);
    case Service.DefineNamedVariable:
    case Service.DefineScatteredAccess:
    case Service.DefineNamedVariableList:
    case Service.DefineNamedType:
      return objectName(bytes, start, end);
    default:
      return find(bytes, start, end, 0x80) ? text(bytes, tlv.start, tlv.end, LONGEST_NAME) : '';
  }
}
