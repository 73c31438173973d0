/**
 * Which CIP services are deeds that engines care about, by class and service. The services are common ones (volume 1,
 * appendix A) or those of vendor classes as the traffic of engineering tools shows them.
 */
import type { ActionFact, ActionName, Facts } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { Class, className, Service, serviceName } from './cip-names.ts';
import type { EnipFlow } from './flow.ts';

interface Rule {
  readonly action: ActionName;
  readonly text: string;
  /** Told for the first message of the flow only (bit of `EnipFlow.told`), because it repeats by the thousand; 0 for each. */
  readonly once: number;
}

const FIRMWARE_BLOCK = 1;
const CONFIGURATION_READ = 2;
const MEMORY_WRITE = 4;

/** Instance of the File object that holds the electronic data sheet (volume 1, 5A-42.1.1). */
const EDS_INSTANCE = 0xc8;

const key = (classId: number, service: number): number => classId * 256 + service;

const rules: ReadonlyMap<number, Rule> = (() => {
  const table = new Map<number, Rule>();
  const put = (classes: readonly number[], services: readonly number[], action: ActionName, text: string, once = 0): void => {
    for (const classId of classes) for (const service of services) table.set(key(classId, service), { action, text, once });
  };
  const set = [Service.SetAttributesAll, Service.SetAttributeList, Service.SetAttributeSingle];
  const get = [Service.GetAttributesAll, Service.GetAttributeList, Service.GetAttributeSingle];
  put([Class.Identity, Class.MessageRouter, Class.Memory, Class.Controller], [Service.Reset], 'controller.reset', 'Reset');
  put([Class.Identity, Class.MessageRouter, Class.Controller], [Service.Start], 'controller.start', 'Start');
  const programs = [Class.Program, Class.Task, Class.ProgramTag, Class.Routine, Class.TaskList, Class.Memory];
  put(programs, [Service.Create], 'program.download', 'Create program element');
  put(programs, [Service.Delete], 'program.delete', 'Delete program element');
  put([Class.Program, Class.Task, Class.Routine], [Service.Reset], 'program.reset', 'Reset program');
  put([Class.Memory], [0x4b], 'program.download', 'Write controller memory', MEMORY_WRITE);
  put([Class.NonVolatileStorage], [0x4b, 0x51], 'firmware.update', 'Start firmware update');
  put([Class.NonVolatileStorage], [0x4d], 'firmware.update', 'Transfer firmware block', FIRMWARE_BLOCK);
  put([Class.File], [0x4b, 0x4d], 'file.read', 'Read file');
  put([Class.File], [0x4c, 0x4e], 'file.write', 'Write file');
  put([Class.File], [0x51], 'file.delete', 'Clear file');
  put([Class.WallClock, Class.TimeSync], set, 'time.set', 'Set clock');
  put([Class.Identity, Class.Controller, 0x47, 0x48, 0x5d, 0x5e, 0xf3, 0xf4, 0xf5, 0xf6], set, 'configuration.write', 'Set attributes');
  put(
    [Class.ProgramName, Class.Program, Class.Routine, Class.TaskList],
    get,
    'configuration.read',
    'Read program attributes',
    CONFIGURATION_READ,
  );
  put([Class.Symbol], [Service.GetInstanceAttributeList], 'configuration.read', 'List tags', CONFIGURATION_READ);
  put([Class.Template], [Service.ReadTag], 'configuration.read', 'Read template', CONFIGURATION_READ);
  put([Class.Identity], [Service.GetAttributesAll], 'identity.request', 'Read identity');
  return table;
})();

const stop: Rule = { action: 'controller.stop', text: 'Stop', once: 0 };

function ruleOf(classId: number, service: number): Rule | undefined {
  return service === Service.Stop ? stop : rules.get(key(classId, service));
}

/** Tells the deed that a request asks for, if it is one. */
export function requestAction(facts: Facts, flow: EnipFlow, classId: number, service: number, instance: number): void {
  const rule = ruleOf(classId, service);
  if (rule === undefined) return;
  if (rule.once) {
    if (flow.told & rule.once) return;
    flow.told |= rule.once;
  }
  facts.tell(actionFact(rule, 'requested', classId, service, instance));
  if (rule.action === 'firmware.update') flow.told |= FIRMWARE_BLOCK;
  // A file written into a device is its firmware or its configuration; the data sheet is neither.
  if (rule.action === 'file.write' && instance !== EDS_INSTANCE)
    facts.tell(actionFact({ ...rule, action: 'firmware.update' }, 'requested', classId, service, instance));
}

/** Tells whether a deed was accepted. Deeds that are told once a flow are told at their request only. */
export function replyAction(facts: Facts, classId: number, service: number, accepted: boolean): void {
  const rule = ruleOf(classId, service);
  if (rule === undefined || rule.once || rule.action === 'identity.request') return;
  facts.tell(actionFact(rule, accepted ? 'accepted' : 'refused', classId, service, -1));
}

function actionFact(rule: Rule, phase: ActionFact['phase'], classId: number, service: number, instance: number): ActionFact {
  const parameters = { class: className(classId), service: serviceName(classId, service), ...(instance >= 0 && { instance }) };
  const text = `${rule.text} (CIP service 0x${service.toString(16).padStart(2, '0')} on class ${className(classId)})`;
  return { is: 'action', protocol: PROTOCOLS.cip.index, action: rule.action, phase, text, parameters };
}
