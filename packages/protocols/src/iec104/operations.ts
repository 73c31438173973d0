/** What ASDUs do that engines care about whoever does it: commands, clocks, resets, files, parameters. Rare, so the plain way. */
import type { ActionFact, ActionName, Facts } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { Cause, causeName, typeName } from './names.ts';
import { type Asdu, timeText } from './parse.ts';

const IEC104 = PROTOCOLS.iec104.index;

/** Types whose ASDU is an action of the controlling station. */
const actions: Readonly<Record<number, ActionName>> = {
  45: 'control.operate',
  46: 'control.operate',
  47: 'control.operate',
  48: 'control.operate',
  49: 'control.operate',
  50: 'control.operate',
  51: 'control.operate',
  58: 'control.operate',
  59: 'control.operate',
  60: 'control.operate',
  61: 'control.operate',
  62: 'control.operate',
  63: 'control.operate',
  64: 'control.operate',
  103: 'time.set',
  105: 'outstation.restart',
  110: 'configuration.write',
  111: 'configuration.write',
  112: 'configuration.write',
  113: 'configuration.activate',
};

/** The type is a command: the controlled station answers it with the same type. */
export const isCommand = (type: number): boolean => (type >= 45 && type <= 69) || (type >= 100 && type <= 113);

/** File transfer: call or select (122) asks for a file, file ready (120) offers one, the directory (126, 127) names them. */
function fileAction(asdu: Asdu, toServer: boolean): ActionName | undefined {
  if (asdu.type === 122 || asdu.type === 127) return 'file.read';
  if (asdu.type === 120) return toServer ? 'file.write' : undefined;
  return undefined;
}

function tell(
  facts: Facts,
  asdu: Asdu,
  action: ActionName,
  phase: ActionFact['phase'],
  text: string,
  more?: Readonly<Record<string, string | number>>,
): void {
  const parameters = { type: asdu.type, commonAddress: asdu.address, object: asdu.object, cause: asdu.cause, ...more };
  facts.tell({ is: 'action', protocol: IEC104, action, phase, text, parameters });
}

/** Execute or select (S/E bit of SCO, DCO, RCO and QOS, 101 7.2.6.15 ff.); bitstrings have none. */
function step(asdu: Asdu, bytes: Uint8Array, end: number): string {
  const timed = asdu.type >= 58 ? 7 : 0;
  const setpoint = (asdu.type >= 48 && asdu.type <= 50) || (asdu.type >= 61 && asdu.type <= 63);
  if (asdu.type === 51 || asdu.type === 64) return 'execute';
  const at = setpoint ? end - timed - 1 : asdu.element;
  return at < end && bytes[at] & 0x80 ? 'select' : 'execute';
}

/** Tells the action an ASDU is, in its phase: asked for, accepted or refused. */
export function tellOperation(facts: Facts, asdu: Asdu, bytes: Uint8Array, end: number): void {
  const { type, cause } = asdu;
  const name = typeName(type);
  const action = actions[type];
  if (action) {
    if (cause === Cause.Activation || cause === Cause.Deactivation) {
      let text = `${name} (type ${type}), object ${asdu.object} of station ${asdu.address}`;
      let more: Record<string, string | number> = {};
      if (action === 'control.operate') {
        const does = cause === Cause.Deactivation ? 'cancel' : step(asdu, bytes, end);
        text += `: ${does}`;
        more = { step: does };
      } else if (type === 103) more = { time: timeText(bytes, asdu.element, end) };
      else if (type === 105) more = { kind: asdu.element < end && bytes[asdu.element] === 1 ? 'cold' : 'events' };
      tell(facts, asdu, action, 'requested', text, more);
    } else if (cause === Cause.ActivationConfirmation || cause >= Cause.UnknownType) {
      const refused = asdu.negative || cause !== Cause.ActivationConfirmation;
      tell(
        facts,
        asdu,
        action,
        refused ? 'refused' : 'accepted',
        `${name} (type ${type}) answered with ${causeName(cause)}${asdu.negative ? ', negative' : ''}`,
      );
    }
  } else if (type >= 120 && type <= 127) {
    const file = fileAction(asdu, facts.toServer);
    if (!file || asdu.element + 2 > end) return;
    const number = bytes[asdu.element] | (bytes[asdu.element + 1] << 8);
    const text = `${name} (type ${type}) of file ${number}, station ${asdu.address}`;
    tell(facts, asdu, file, 'requested', text, { file: number });
    facts.tell({ is: 'transfer', protocol: IEC104, direction: file === 'file.read' ? 'read' : 'write', name: String(number), text });
  } else if (type === 70 && asdu.element < end && bytes[asdu.element] & 0x80) {
    // cause of initialisation, top bit: local parameters were changed (101 7.2.6.21)
    tell(facts, asdu, 'configuration.activate', 'accepted', `Station ${asdu.address} starts with changed local parameters`);
  }
}
