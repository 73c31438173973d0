/** Which BACnet services are deeds that engines care about: clauses 14 (files), 15 (objects), 16 (remote device management). */
import { i32 } from '@annunciator/packet/bytes';
import type { ActionFact, ActionName, FactParameters, Facts } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { Confirmed, confirmedName, objectName, operationName, Operation, Unconfirmed } from './names.ts';
import { Aim } from './properties.ts';
import { Application, readTag, Tag, unsigned } from './tags.ts';

const tag = new Tag();

/** States of ReinitializeDevice (clause 16.4.1.1.1). */
const states: readonly { readonly name: string; readonly action: ActionName }[] = [
  { name: 'cold start', action: 'controller.reset' },
  { name: 'warm start', action: 'controller.reset' },
  { name: 'start backup', action: 'configuration.read' },
  { name: 'end backup', action: 'configuration.read' },
  { name: 'start restore', action: 'configuration.write' },
  { name: 'end restore', action: 'configuration.write' },
  { name: 'abort restore', action: 'configuration.write' },
  { name: 'activate changes', action: 'configuration.activate' },
];

/** What is remembered of a request, so that its answer can say what was accepted: 0 nothing, else the deed and its state. */
export function requestDeed(facts: Facts, service: number, aim: Aim, bytes: Uint8Array, start: number, end: number): number {
  switch (service) {
    case Confirmed.ReinitializeDevice: {
      const state = contextValue(0, bytes, start, end);
      if (state < 0 || state >= states.length) return 0;
      tell(facts, states[state].action, 'requested', `ReinitializeDevice: ${states[state].name} (service 20)`, {
        state: states[state].name,
      });
      return state + 1;
    }
    case Confirmed.DeviceCommunicationControl: {
      const enable = contextValue(1, bytes, start, end);
      const what = ['enable', 'disable', 'disable initiation'][enable] ?? 'unknown';
      tell(facts, 'configuration.write', 'requested', `DeviceCommunicationControl: ${what} (service 17)`, { communication: what });
      return 1;
    }
    case Confirmed.AtomicReadFile:
    case Confirmed.AtomicWriteFile: {
      const reads = service === Confirmed.AtomicReadFile;
      const known = readTag(tag, bytes, start, end) && !tag.context && tag.number === Application.ObjectIdentifier && tag.length === 4;
      const object = known ? objectName(i32(bytes, tag.value)) : 'unknown object';
      tell(facts, reads ? 'file.read' : 'file.write', 'requested', `${confirmedName(service)} of ${object}`, { object });
      return 1;
    }
    case Confirmed.AddListElement:
    case Confirmed.RemoveListElement:
    case Confirmed.CreateObject:
    case Confirmed.DeleteObject:
      tell(facts, 'configuration.write', 'requested', `${confirmedName(service)} (service ${service})`);
      return 1;
    case Confirmed.WriteProperty:
    case Confirmed.WritePropertyMultiple:
      if (aim === Aim.Nothing) return 0;
      tell(facts, 'configuration.write', 'requested', `${confirmedName(service)} on the device object`);
      return 1;
    case Confirmed.ReadProperty:
    case Confirmed.ReadPropertyMultiple:
      // Whoever asks for the device object without knowing its instance is looking for what is there.
      if (aim === Aim.AnyDevice) tell(facts, 'identity.request', 'requested', `${confirmedName(service)} of any device object`);
      return 0;
    default:
      return 0;
  }
}

/** Tells that a remembered deed was accepted or refused. */
export function answerDeed(facts: Facts, service: number, detail: number, accepted: boolean): void {
  if (detail === 0) return;
  const phase = accepted ? 'accepted' : 'refused';
  const name = confirmedName(service);
  if (service === Confirmed.ReinitializeDevice) {
    const state = states[detail - 1];
    if (state !== undefined) tell(facts, state.action, phase, `${name}: ${state.name}`, { state: state.name });
  } else if (service === Confirmed.AtomicReadFile) tell(facts, 'file.read', phase, name);
  else if (service === Confirmed.AtomicWriteFile) tell(facts, 'file.write', phase, name);
  else tell(facts, 'configuration.write', phase, name);
}

/** Tells the deed of an unconfirmed service, if it is one. */
export function unconfirmedDeed(facts: Facts, service: number): void {
  const name = operationName(Operation.Unconfirmed | service);
  if (service === Unconfirmed.WhoIs) tell(facts, 'identity.request', 'requested', name);
  else if (service === Unconfirmed.TimeSynchronization || service === Unconfirmed.UtcTimeSynchronization)
    tell(facts, 'time.set', 'requested', name);
}

/** Unsigned value of the first context tag with a number, among the tags before any constructed one; -1 when absent. */
function contextValue(number: number, bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end && readTag(tag, bytes, at, end) && !tag.opening; at = tag.next)
    if (tag.is(number)) return unsigned(tag, bytes);
  return -1;
}

export function tell(facts: Facts, action: ActionName, phase: ActionFact['phase'], text: string, parameters?: FactParameters): void {
  facts.tell({ is: 'action', protocol: PROTOCOLS.bacnet.index, action, phase, text, ...(parameters && { parameters }) });
}
