/**
 * What the baseline learns: each aspect, the alert type that a deviation raises, and what its numbers hold.
 * Numbers below 100 are the dissectors' (facts.ts), the others the sensor's own.
 */
import { Aspect } from '@annunciator/protocols/facts';

/** Aspects that no dissector states: the sensor derives them from flows, devices and actions. */
export const SensorAspect = {
  /** who = device; a device is known */
  Asset: 100,
  /** who = device; a = transport (6 or 17), b = port on which it answers */
  ListeningPort: 101,
  /** who = source, to whom = group address; a = EtherType or IP protocol, b = destination port */
  GroupTraffic: 102,
  /** who = local device, to whom = public address */
  Internet: 103,
  /** who = device; it may scan */
  Scanner: 104,
  /** who = device; it may program controllers */
  ProgrammingDevice: 105,
  /** who = source, to whom = controller */
  ProgramUpload: 106,
  ConfigurationRead: 107,
  /** a = interned operation class */
  ConfigurationWrite: 108,
  /** who = device; a = interned version; the first one is always accepted */
  Firmware: 109,
  ModbusFirmware: 110,
  /** range; who = client, to whom = server; key = 0 requests or 1 responses: bytes of the longest header line, from 0 */
  HttpHeaderLength: 111,
  /** range; key as above: number of header fields, from 0 */
  HttpHeaderCount: 112,
  /** who = client, to whom = server; a = server port: its rhythm may change */
  ChannelRhythm: 113,
  /** who = source, to whom = controller; it may stop programs often */
  ApplicationStops: 114,
  /** nobody: a = hour of the week from Thursday 00:00 UTC, when the volume of the network may be unusual */
  TrafficVolume: 115,
  /** who = client, to whom = server; a = interned user whom the server refuses */
  RefusedSignIn: 116,
  /** who = Windows machine; a = interned service that is made or started from afar */
  WindowsService: 117,
  /** who = Windows machine; a = interned program that a service or task starts */
  WindowsProcess: 118,
  /** who = device; a = interned version that a protocol with an alert of its own told */
  BeckhoffSoftware: 119,
  MitsubishiFirmware: 120,
  S7PlusFirmware: 121,
  /** who = client, to whom = server; a = interned user whom the database refuses */
  DatabaseRefusal: 122,
  /** who = client, to whom = server; a = protocol of the transfer, b = 0 read or 1 write: it need not take place regularly */
  TransferSchedule: 123,
} as const;

/** One value of an aspect: a part of one of the two numbers, with the name under which text calls it. */
export interface AspectField {
  readonly name: string;
  readonly in: 'a' | 'b';
  /** The number stands for an interned text. */
  readonly text: boolean;
  /** Lowest bit and number of bits of the part. */
  readonly low: number;
  readonly bits: number;
  /** The number may be negative (-1 means none). */
  readonly signed: boolean;
  /** Words that stand for numbers. */
  readonly words: Readonly<Record<number, string>>;
}

const part = (name: string, where: 'a' | 'b', low: number, bits: number, words: AspectField['words'] = {}): AspectField => ({
  name,
  in: where,
  text: false,
  low,
  bits,
  signed: false,
  words,
});
const number = (name: string, where: 'a' | 'b', words?: AspectField['words']): AspectField => part(name, where, 0, 32, words);
const signed = (name: string, where: 'a' | 'b'): AspectField => ({ ...part(name, where, 0, 32), signed: true });
const text = (name: string, where: 'a' | 'b'): AspectField => ({ ...part(name, where, 0, 32), text: true });

export interface AspectDefinition {
  readonly name: string;
  /** The type that a deviation raises. */
  readonly alert: string;
  /** `pair` keys by who and whom, `source` by who alone. */
  readonly between: 'pair' | 'source';
  /** What its numbers hold, in the order in which text lists it. */
  readonly fields: readonly AspectField[];
  /** A range aspect: `a` is the key, and items under this name are learned as intervals. */
  readonly items?: string;
  /** Behaviour of offices and of people, which never comes to an end: Smart IT Learning looks after it. */
  readonly it: boolean;
  /** Names one operation: it waits for review when it was first seen in a message that does something dangerous. */
  readonly operation: boolean;
}

interface Extra {
  readonly between?: 'source';
  readonly items?: string;
  readonly it?: true;
  readonly operation?: true;
}

const define = (name: string, alert: string, fields: readonly AspectField[], extra: Extra = {}): AspectDefinition => ({
  name,
  alert,
  between: extra.between ?? 'pair',
  fields,
  ...(extra.items === undefined ? {} : { items: extra.items }),
  it: extra.it ?? false,
  operation: extra.operation ?? false,
});

const ACCESS = { 0: 'read', 1: 'write' };
const TABLES = { 0: 'coils', 1: 'discrete-inputs', 3: 'input-registers', 4: 'holding-registers' };
const BLOCKS = { 1: 'OB', 2: 'FC', 3: 'FB', 4: 'DB' };
const STEPS = { 0: 'requests', 1: 'responses' };
const OPERATION = { operation: true } as const;
const BY_SOURCE = { between: 'source' } as const;
const IT = { it: true } as const;

export const ASPECTS: Readonly<Record<number, AspectDefinition>> = {
  [Aspect.ModbusFunction]: define('modbus.function', 'unpermitted-usage-of-modbus-function-code', [
    part('unit', 'a', 8, 24),
    part('function', 'a', 0, 8),
  ]),
  [Aspect.ModbusAddress]: define(
    'modbus.address',
    'modbus-address-range-violation',
    [part('unit', 'a', 8, 24), part('table', 'a', 0, 8, TABLES)],
    { items: 'addresses' },
  ),
  [Aspect.ModbusException]: define('modbus.exception', 'function-code-raised-unauthorized-exception', [
    part('function', 'a', 8, 24),
    part('exception', 'a', 0, 8),
  ]),
  [Aspect.UmasFunction]: define('umas.function', 'unpermitted-modbus-schneider-electric-extension', [number('function', 'a')], OPERATION),
  [Aspect.S7DataBlock]: define('s7comm.data-block', 'unauthorized-access-to-siemens-s7-data-block', [
    number('access', 'a', ACCESS),
    number('block', 'b'),
  ]),
  [Aspect.S7Control]: define('s7comm.control', 'unauthorized-siemens-s7-execution-of-control-function', [text('service', 'a')], OPERATION),
  [Aspect.S7UserData]: define(
    's7comm.user-data',
    'unauthorized-siemens-s7-execution-of-user-defined-function',
    [part('group', 'a', 8, 24), part('subfunction', 'a', 0, 8)],
    OPERATION,
  ),
  [Aspect.Dnp3Function]: define('dnp3.function', 'unpermitted-usage-of-dnp3-function-code', [number('function', 'a')], OPERATION),
  [Aspect.Dnp3Indication]: define('dnp3.indication', 'unpermitted-usage-of-internal-indication-iin', [number('bit', 'a')]),
  [Aspect.Dnp3IntegrityScan]: define('dnp3.integrity-scan', 'suspicion-of-illegal-integrity-scan', [number('classes', 'a')]),
  [Aspect.EnipCommand]: define('enip.command', 'new-activity-detected-ethernet-ip-protocol-command', [number('command', 'a')]),
  [Aspect.CipClass]: define('cip.class', 'new-activity-detected-cip-class', [number('class', 'a')]),
  [Aspect.CipClassService]: define(
    'cip.class-service',
    'new-activity-detected-cip-class-service',
    [number('class', 'a'), number('service', 'b')],
    OPERATION,
  ),
  [Aspect.CipSymbol]: define('cip.symbol', 'new-activity-detected-cip-symbol', [number('access', 'a', ACCESS), text('tag', 'b')]),
  [Aspect.CipIoConnection]: define('cip.io-connection', 'new-activity-detected-ethernet-ip-i-o-connection', [
    number('to-target', 'a'),
    number('to-originator', 'b'),
  ]),
  [Aspect.PcccCommand]: define(
    'pccc.command',
    'new-activity-detected-cip-pccc-command',
    [number('command', 'a'), signed('function', 'b')],
    OPERATION,
  ),
  [Aspect.Iec104Asdu]: define('iec104.asdu', 'unpermitted-usage-of-asdu-types', [number('address', 'a'), number('type', 'b')], OPERATION),
  [Aspect.BacnetObject]: define(
    'bacnet.object',
    'unauthorized-bacnet-object-access',
    [part('type', 'a', 22, 10), part('instance', 'a', 0, 22), part('service', 'b', 24, 8), part('property', 'b', 0, 24)],
    OPERATION,
  ),
  [Aspect.BacnetRoute]: define('bacnet.route', 'unauthorized-bacnet-route', [signed('from', 'a'), signed('to', 'b')]),
  [Aspect.HttpCommunication]: define('http.communication', 'illegal-http-communication', [number('port', 'a')], IT),
  [Aspect.HttpActivity]: define('http.activity', 'unauthorized-http-activity', [text('activity', 'a')], IT),
  [Aspect.HttpUserAgent]: define('http.user-agent', 'unauthorized-http-user-agent', [text('agent', 'a')], { ...IT, ...BY_SOURCE }),
  [Aspect.HttpSoapAction]: define('http.soap-action', 'unauthorized-http-soap-action', [text('action', 'a')], IT),
  [Aspect.NameQuery]: define('name.query', 'unauthorized-name-query', [text('name', 'a')], IT),
  [Aspect.MmsService]: define(
    'mms.service',
    'unauthorized-mms-service',
    [part('kind', 'a', 8, 24, { 0: 'confirmed', 1: 'unconfirmed' }), part('service', 'a', 0, 8)],
    OPERATION,
  ),
  [Aspect.MmsProgram]: define('mms.program', 'unauthorized-mms-program-access', [number('service', 'a'), text('name', 'b')], OPERATION),
  [Aspect.GooseSettings]: define('goose.settings', 'goose-message-type-settings', [text('block', 'a'), text('settings', 'b')]),
  [Aspect.SvSettings]: define('sv.settings', 'sampled-values-message-type-settings', [text('stream', 'a'), text('settings', 'b')]),
  [Aspect.SshSession]: define('ssh.session', 'unauthorized-ssh-access', [], IT),
  [Aspect.OpcuaService]: define('opcua.service', 'unauthorized-opc-ua-request-response', [number('type', 'a')], OPERATION),
  [Aspect.OpcuaActivity]: define('opcua.activity', 'unauthorized-opc-ua-activity', [number('type', 'a'), text('node', 'b')]),
  [Aspect.ProfinetFrame]: define('profinet.frame', 'unauthorized-profinet-frame-type', [number('frame', 'a')]),
  [Aspect.RpcInterface]: define(
    'rpc.interface',
    'new-activity-detected-unauthorized-rpc-message-type',
    [text('interface', 'a'), number('operation', 'b')],
    IT,
  ),
  [Aspect.SnmpOperation]: define('snmp.operation', 'unauthorized-snmp-operation', [number('operation', 'a'), text('asked', 'b')], IT),
  [Aspect.LldpConfiguration]: define(
    'lldp.configuration',
    'new-lldp-device-configuration',
    [text('port', 'a'), text('system', 'b')],
    BY_SOURCE,
  ),
  [Aspect.SmbLogin]: define('smb.login', 'unauthorized-smb-login', [text('user', 'a')], IT),
  [Aspect.SrtpCommand]: define('srtp.service', 'unauthorized-ge-srtp-protocol-command', [number('service', 'a')], OPERATION),
  [Aspect.SrtpMemory]: define(
    'srtp.memory',
    'unauthorized-ge-srtp-system-memory-operation',
    [part('access', 'a', 8, 24, ACCESS), part('segment', 'a', 0, 8)],
    { items: 'addresses' },
  ),
  [Aspect.SrtpFile]: define('srtp.file', 'unauthorized-ge-srtp-file-access', [number('service', 'a'), text('program', 'b')], OPERATION),
  [Aspect.SbusCommand]: define('sbus.command', 'unauthorized-saia-s-bus-command', [number('command', 'a')], OPERATION),
  [Aspect.MelsecCommand]: define(
    'melsec.command',
    'unauthorized-mitsubishi-melsec-command',
    [part('melsoft', 'a', 16, 16), part('command', 'a', 0, 16), number('subcommand', 'b')],
    OPERATION,
  ),
  [Aspect.RocOperation]: define('roc.operation', 'unauthorized-emerson-roc-operation', [number('opcode', 'a')], OPERATION),
  [Aspect.AmsCommand]: define(
    'ams.command',
    'new-activity-detected-using-ams-protocol-command',
    [number('port', 'a'), number('command', 'b')],
    OPERATION,
  ),
  [Aspect.AmsGroup]: define('ams.group', 'new-activity-detected-read-write-command-ams-index-group', [
    part('port', 'a', 8, 24),
    part('command', 'a', 0, 8),
    number('group', 'b'),
  ]),
  [Aspect.AmsOffset]: define('ams.offset', 'new-activity-detected-read-write-command-ams-index-offset', [
    text('access', 'a'),
    number('offset', 'b'),
  ]),
  [Aspect.DatabaseLogin]: define('database.login', 'unauthorized-database-login', [text('user', 'a')], IT),
  [Aspect.DatabaseOperation]: define(
    'database.operation',
    'unauthorized-database-operation',
    [text('operation', 'a'), text('object', 'b')],
    IT,
  ),
  [Aspect.FinsCommand]: define(
    'fins.command',
    'omron-fins-unauthorized-command',
    [part('main', 'a', 8, 24), part('sub', 'a', 0, 8)],
    OPERATION,
  ),
  [Aspect.S7PlusFunction]: define('s7comm-plus.function', 'unauthorized-siemens-s7-plus-operation', [number('function', 'a')], OPERATION),
  [Aspect.S7PlusObject]: define('s7comm-plus.object', 'unauthorized-access-to-siemens-s7-plus-object', [
    number('function', 'a'),
    number('object', 'b'),
  ]),
  [Aspect.S7PlusBlock]: define(
    's7comm-plus.block',
    'unauthorized-siemens-s7-plus-block-access',
    [number('function', 'a'), part('type', 'b', 16, 16, BLOCKS), part('number', 'b', 0, 16)],
    OPERATION,
  ),
  [SensorAspect.Asset]: define('device', 'new-asset-detected', [], BY_SOURCE),
  [SensorAspect.ListeningPort]: define(
    'device.port',
    'new-port-discovery',
    [number('transport', 'a', { 6: 'tcp', 17: 'udp' }), number('port', 'b')],
    BY_SOURCE,
  ),
  [SensorAspect.GroupTraffic]: define(
    'group-traffic',
    'unauthorized-multicast-broadcast-connection',
    [number('type', 'a'), number('port', 'b')],
    IT,
  ),
  [SensorAspect.Internet]: define('internet', 'unauthorized-internet-connectivity-detected', [], IT),
  [SensorAspect.Scanner]: define('device.scanner', 'port-scan-detected', [], BY_SOURCE),
  [SensorAspect.ProgrammingDevice]: define('device.programming', 'unauthorized-plc-programming', [], BY_SOURCE),
  [SensorAspect.ProgramUpload]: define('program.upload', 'unauthorized-plc-program-upload', []),
  [SensorAspect.ConfigurationRead]: define('configuration.read', 'unauthorized-plc-configuration-read', []),
  [SensorAspect.ConfigurationWrite]: define('configuration.write', 'unauthorized-plc-configuration-write', [text('operation', 'a')]),
  [SensorAspect.Firmware]: define('device.firmware', 'firmware-version-changed', [text('version', 'a')], BY_SOURCE),
  [SensorAspect.ModbusFirmware]: define('modbus.firmware', 'modbus-firmware-version-changed', [text('version', 'a')], BY_SOURCE),
  [SensorAspect.BeckhoffSoftware]: define('ams.software', 'beckhoff-software-changed', [text('version', 'a')], BY_SOURCE),
  [SensorAspect.MitsubishiFirmware]: define('melsec.firmware', 'mitsubishi-firmware-version-changed', [text('version', 'a')], BY_SOURCE),
  [SensorAspect.S7PlusFirmware]: define('s7comm-plus.firmware', 's7-plus-plc-firmware-changed', [text('version', 'a')], BY_SOURCE),
  [SensorAspect.HttpHeaderLength]: define('http.header-length', 'abnormal-http-header-length', [number('of', 'a', STEPS)], {
    ...IT,
    items: 'bytes',
  }),
  [SensorAspect.HttpHeaderCount]: define('http.header-count', 'abnormal-number-of-parameters-in-http-header', [number('of', 'a', STEPS)], {
    ...IT,
    items: 'fields',
  }),
  [SensorAspect.ChannelRhythm]: define('channel.rhythm', 'abnormal-periodic-behavior-in-communication-channel', [number('port', 'a')]),
  [SensorAspect.ApplicationStops]: define('application.stops', 'abnormal-termination-of-applications', []),
  [SensorAspect.RefusedSignIn]: define('ftp.refused', 'ftp-login-failed', [text('user', 'a')]),
  [SensorAspect.DatabaseRefusal]: define('database.refused', 'database-login-failed', [text('user', 'a')]),
  [SensorAspect.TransferSchedule]: define('transfer.schedule', 'expected-backup-operation-did-not-occur', [
    number('protocol', 'a'),
    number('direction', 'b', ACCESS),
  ]),
  [SensorAspect.WindowsService]: define('windows.service', 'unauthorized-windows-service', [text('service', 'a')], BY_SOURCE),
  [SensorAspect.WindowsProcess]: define('windows.process', 'unauthorized-windows-process', [text('program', 'a')], BY_SOURCE),
  [SensorAspect.TrafficVolume]: define('traffic.volume', 'abnormal-traffic-bandwidth', [number('hour', 'a')], BY_SOURCE),
};

export const ASPECT_BY_NAME: ReadonlyMap<string, number> = new Map(
  Object.entries(ASPECTS).map(([number, definition]) => [definition.name, Number(number)]),
);
