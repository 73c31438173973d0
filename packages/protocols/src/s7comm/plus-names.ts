/**
 * Names of S7comm-plus, the protocol of S7-1200 and S7-1500. No public standard; function and class numbers as the
 * community's dissector and driver have found them.
 */
export const Opcode = { Request: 0x31, Response: 0x32, Notification: 0x33 } as const;

/** Versions in the header; 0xfe and 0xff carry system events and keep-alives instead of functions. */
export const Version = { First: 1, Second: 2, Third: 3, SystemEvent: 0xfe, KeepAlive: 0xff } as const;

export const Function = {
  Error: 0x04b1,
  Explore: 0x04bb,
  CreateObject: 0x04ca,
  DeleteObject: 0x04d4,
  SetVariable: 0x04f2,
  GetVariable: 0x04fc,
  AddLink: 0x0506,
  RemoveLink: 0x051a,
  GetLink: 0x0524,
  SetMultiVariables: 0x0542,
  GetMultiVariables: 0x054c,
  BeginSequence: 0x0556,
  EndSequence: 0x0560,
  Invoke: 0x056b,
  SetVarSubStreamed: 0x057c,
  GetVarSubStreamed: 0x0586,
  GetVariablesAddress: 0x0590,
  Abort: 0x059a,
  Error2: 0x05a9,
  InitSsl: 0x05b3,
} as const;

const functionNames: Readonly<Record<number, string>> = Object.fromEntries(Object.entries(Function).map(([name, code]) => [code, name]));

/** Operation codes of messages that carry no function. */
export const NOTIFICATION = Opcode.Notification;

/** `GetMultiVariables` of 0x054c. */
export function functionName(code: number): string {
  if (code === NOTIFICATION) return 'Notification';
  if (code === Version.SystemEvent) return 'System event';
  if (code === Version.KeepAlive) return 'Keep alive';
  return functionNames[code] ?? `Function 0x${code.toString(16).padStart(4, '0')}`;
}

/** Block types of the baseline's key, by the upper half of an object's id: its class with the top bit set. */
const blockTypes: Readonly<Record<number, number>> = { 35378: 1, 35347: 2, 35346: 3, 35342: 4 };
const blockNames: readonly string[] = ['', 'OB', 'FC', 'FB', 'DB'];

/** 1 OB (0x8a32), 2 FC (0x8a13), 3 FB (0x8a12), 4 DB (0x8a0e); 0 for anything else. */
export const blockType = (objectId: number): number => blockTypes[objectId >>> 16] ?? 0;

/** `DB 5` of type 4 and number 5. */
export const blockName = (type: number, number: number): string => `${blockNames[type] ?? type} ${number}`;

/** Objects every controller has under the same id. */
export const NativeObject = { Program: 3, ExecutionUnit: 52 } as const;
/** Attribute of the execution unit that asks for another operating state: 1 stop, 3 run. */
export const OPERATING_STATE_REQUEST = 2167;
