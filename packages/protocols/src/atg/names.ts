/** Functions of automatic tank gauges (Veeder-Root TLS-350, manual 576013-635): one letter and three digits. */
const FUNCTIONS: Readonly<Record<string, string>> = {
  I101: 'System Status Report',
  I102: 'System Configuration',
  I111: 'Priority Alarm History',
  I112: 'Non-priority Alarm History',
  I201: 'In-tank Inventory Report',
  I202: 'In-tank Delivery Report',
  I203: 'In-tank Leak Detect Report',
  I204: 'In-tank Shift Inventory Report',
  I205: 'In-tank Status Report',
  I501: 'Time Of Day',
  I902: 'System Revision Level',
  S501: 'Set Time Of Day',
  S601: 'Set Tank Configuration',
  S602: 'Set Tank Label',
};
/** Operation code: the letter << 16 | the three digits. */
export const codeOf = (name: string): number => (name.charCodeAt(0) << 16) | Number(name.slice(1));
const BY_CODE: ReadonlyMap<number, string> = new Map(Object.entries(FUNCTIONS).map(([name, text]) => [codeOf(name), text]));
export function functionName(code: number): string {
  const name = `${String.fromCharCode(code >> 16)}${(code & 0xffff).toString().padStart(3, '0')}`;
  return `${BY_CODE.get(code) ?? 'Function'} (${name})`;
}
