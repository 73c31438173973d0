/** What S7comm-plus requests name (objects, blocks) and what controllers say about themselves. Hot code: `readRequest`. */
import { i32, text } from '@annunciator/packet/bytes';
import { type ActionName, Aspect, type Facts } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { blockName, blockType, Function, functionName, NativeObject, OPERATING_STATE_REQUEST } from './plus-names.ts';

const PLUS = PROTOCOLS.s7commPlus.index;

/** Items of one request that are looked at; a PDU of 64 KiB could name thousands. */
const MOST_ITEMS = 256;

/** A number in groups of seven bits, the first bytes marked by their top bit; at most five bytes. */
const number = { value: 0, next: 0 };
function readNumber(bytes: Uint8Array, start: number, end: number): boolean {
  number.value = 0;
  for (let at = start; at < end && at < start + 5; at++) {
    number.value = (number.value << 7) | (bytes[at] & 0x7f);
    if ((bytes[at] & 0x80) === 0) {
      number.next = at + 1;
      return true;
    }
  }
  return false;
}

function useObject(facts: Facts, func: number, object: number): void {
  facts.use(Aspect.S7PlusObject, func, object | 0);
  const type = blockType(object);
  if (type > 0) facts.use(Aspect.S7PlusBlock, func, (type << 16) | (object & 0xffff));
}

/** Item addresses of variable requests: checksum of the symbol, area (an object id), number of levels, levels. */
function readItems(facts: Facts, func: number, bytes: Uint8Array, start: number, end: number): void {
  if (!readNumber(bytes, start, end)) return;
  const count = Math.min(number.value, MOST_ITEMS);
  if (!readNumber(bytes, number.next, end)) return;
  let last = 0;
  for (let item = 0, at = number.next; item < count; item++) {
    // checksum, area, number of levels that follow: the first of them is the base of the area
    if (!readNumber(bytes, at, end) || !readNumber(bytes, number.next, end)) return;
    const area = number.value;
    if (!readNumber(bytes, number.next, end)) return;
    const levels = number.value;
    if (area !== last) useObject(facts, func, area);
    last = area;
    for (let level = 0; level < levels; level++) if (!readNumber(bytes, number.next, end)) return;
    at = number.next;
  }
}

/** Functions that do more than move variables, and what: on a block, and on anything else. */
const actions: Readonly<Record<number, { readonly block: ActionName; readonly other?: ActionName }>> = {
  [Function.CreateObject]: { block: 'program.download' },
  [Function.DeleteObject]: { block: 'program.delete' },
  [Function.Explore]: { block: 'program.upload', other: 'configuration.read' },
  [Function.GetVarSubStreamed]: { block: 'program.upload', other: 'configuration.read' },
  [Function.SetVarSubStreamed]: { block: 'program.download', other: 'configuration.write' },
};

function tellAction(facts: Facts, action: ActionName, says: string, parameters: Readonly<Record<string, string | number>>): void {
  facts.tell({ is: 'action', protocol: PLUS, action, phase: 'requested', text: says, parameters });
}

/** A block that is created: object id in the value, after its tag 0xa1, within the first bytes. */
function createdObject(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start + 4; at + 5 <= Math.min(end, start + 24); at++) if (bytes[at] === 0xa1) return i32(bytes, at + 1);
  return 0;
}

/** SetVariable and SetMultiVariables on the execution unit with the attribute for another operating state: stop or run. */
function tellOperatingState(facts: Facts, func: number, bytes: Uint8Array, start: number, end: number): void {
  let at = start + 4;
  if (func === Function.SetMultiVariables) {
    if (!readNumber(bytes, at, end)) return;
    at = number.next;
  }
  // number of attributes, the attribute, then (after the item number in a multiple request) flags, type, value
  if (!readNumber(bytes, at, end) || !readNumber(bytes, number.next, end) || number.value !== OPERATING_STATE_REQUEST) return;
  const value = number.next + (func === Function.SetMultiVariables ? 1 : 0) + 2;
  const state = value < end ? bytes[value] : -1;
  const action = state === 1 ? 'controller.stop' : state === 3 ? 'controller.start' : 'controller.mode';
  tellAction(facts, action, `Operating state ${state} requested (${functionName(func)})`, { state });
}

/** Reads what a request of `func` names; `start` is its object, after the transport flags, with four bytes at least. */
export function readRequest(facts: Facts, func: number, bytes: Uint8Array, start: number, end: number): void {
  const object = func === Function.CreateObject ? createdObject(bytes, start, end) : i32(bytes, start);
  if (func === Function.GetMultiVariables || func === Function.SetMultiVariables) {
    if (object === 0) {
      readItems(facts, func, bytes, start + 4, end);
      return;
    }
  }
  if (object !== 0) useObject(facts, func, object);
  if ((func === Function.SetVariable || func === Function.SetMultiVariables) && object === NativeObject.ExecutionUnit)
    tellOperatingState(facts, func, bytes, start, end);
  const does = actions[func];
  if (!does) return;
  const type = blockType(object);
  if (type > 0) {
    const block = blockName(type, object & 0xffff);
    tellAction(facts, does.block, `${functionName(func)} of ${block}`, { block, blockNumber: object & 0xffff });
  } else if (does.other)
    tellAction(facts, does.other, `${functionName(func)} of object 0x${(object >>> 0).toString(16)}`, { object: object >>> 0 });
}

/** Bytes of a response in which the controller's own description is looked for; it stands near the beginning. */
const DESCRIPTION_WITHIN = 1_024;
const SIX_ES7 = [0x36, 0x45, 0x53, 0x37];

/**
 * Answers to CreateObject name the controller as `1;6ES7 214-1HE30-0XB0 ;V2.2` (order number and firmware), answers to
 * GetVarSubStreamed as order number and serial number in one text.
 */
export function tellController(facts: Facts, func: number, bytes: Uint8Array, start: number, end: number): void {
  if (func !== Function.CreateObject && func !== Function.GetVarSubStreamed) return;
  const last = Math.min(end, start + DESCRIPTION_WITHIN) - 20;
  for (let at = start; at < last; at++) {
    if (bytes[at] !== SIX_ES7[0] || bytes[at + 1] !== SIX_ES7[1] || bytes[at + 2] !== SIX_ES7[2] || bytes[at + 3] !== SIX_ES7[3]) continue;
    const description = text(bytes, at, Math.min(end, at + 48), 48);
    const found = /^(6ES7 ?[\dA-Z]{3}-[\dA-Z]{5}-[\dA-Z]{4}) *(?:;(V\d+\.\d+(?:\.\d+)?)|([A-Z]{2,3}[\dA-Z]{8,14}))?/.exec(description);
    if (!found) return;
    const [, model, firmware, serial] = found as readonly (string | undefined)[]; // the last two groups are optional
    facts.tell({
      is: 'identity',
      protocol: PLUS,
      of: 'sender',
      vendor: 'Siemens',
      type: 'PLC',
      ...(model && { model }),
      ...(firmware && { firmware }),
      ...(serial && { serial }),
    });
    return;
  }
}
