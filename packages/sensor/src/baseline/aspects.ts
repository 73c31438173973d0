/**
 * What the baseline learns: each aspect, the alert type that a deviation raises, and how its numbers are written as text.
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
} as const;

type Part = 'none' | 'number' | 'text';

export interface AspectDefinition {
  readonly name: string;
  readonly alert: string;
  /** `pair` keys by who and whom, `source` by who alone. */
  readonly between: 'pair' | 'source';
  readonly a: Part;
  readonly b: Part;
  /** A range aspect: `a` is the key, learned as intervals. */
  readonly range?: boolean;
}

const define = (
  name: string,
  alert: string,
  a: Part = 'none',
  b: Part = 'none',
  between: 'pair' | 'source' = 'pair',
): AspectDefinition => ({
  name,
  alert,
  a,
  b,
  between,
});

export const ASPECTS: Readonly<Record<number, AspectDefinition>> = {
  [Aspect.ModbusFunction]: define('modbus.function', 'unpermitted-usage-of-modbus-function-code', 'number'),
  [Aspect.ModbusAddress]: { ...define('modbus.address', 'modbus-address-range-violation', 'number'), range: true },
  [Aspect.ModbusException]: define('modbus.exception', 'function-code-raised-unauthorized-exception', 'number'),
  [Aspect.UmasFunction]: define('umas.function', 'unpermitted-modbus-schneider-electric-extension', 'number'),
  [Aspect.S7DataBlock]: define('s7comm.data-block', 'unauthorized-access-to-siemens-s7-data-block', 'number', 'number'),
  [Aspect.S7Control]: define('s7comm.control', 'unauthorized-siemens-s7-execution-of-control-function', 'text'),
  [Aspect.S7UserData]: define('s7comm.user-data', 'unauthorized-siemens-s7-execution-of-user-defined-function', 'number'),
  [Aspect.Dnp3Function]: define('dnp3.function', 'unpermitted-usage-of-dnp3-function-code', 'number'),
  [Aspect.Dnp3Indication]: define('dnp3.indication', 'unpermitted-usage-of-internal-indication-iin', 'number'),
  [Aspect.Dnp3IntegrityScan]: define('dnp3.integrity-scan', 'suspicion-of-illegal-integrity-scan', 'number'),
  [Aspect.EnipCommand]: define('enip.command', 'new-activity-detected-ethernet-ip-protocol-command', 'number'),
  [Aspect.CipClass]: define('cip.class', 'new-activity-detected-cip-class', 'number'),
  [Aspect.CipClassService]: define('cip.class-service', 'new-activity-detected-cip-class-service', 'number', 'number'),
  [Aspect.CipSymbol]: define('cip.symbol', 'new-activity-detected-cip-symbol', 'number', 'text'),
  [Aspect.CipIoConnection]: define('cip.io-connection', 'new-activity-detected-ethernet-ip-i-o-connection', 'number', 'number'),
  [Aspect.PcccCommand]: define('pccc.command', 'new-activity-detected-cip-pccc-command', 'number', 'number'),
  [Aspect.Iec104Asdu]: define('iec104.asdu', 'unpermitted-usage-of-asdu-types', 'number', 'number'),
  [Aspect.BacnetObject]: define('bacnet.object', 'unauthorized-bacnet-object-access', 'number', 'number'),
  [Aspect.BacnetRoute]: define('bacnet.route', 'unauthorized-bacnet-route', 'number', 'number'),
  [Aspect.HttpCommunication]: define('http.communication', 'illegal-http-communication', 'number'),
  [Aspect.HttpActivity]: define('http.activity', 'unauthorized-http-activity', 'text'),
  [Aspect.HttpUserAgent]: define('http.user-agent', 'unauthorized-http-user-agent', 'text', 'none', 'source'),
  [Aspect.HttpSoapAction]: define('http.soap-action', 'unauthorized-http-soap-action', 'text'),
  [Aspect.NameQuery]: define('name.query', 'unauthorized-name-query', 'text'),
  [Aspect.MmsService]: define('mms.service', 'unauthorized-mms-service', 'number'),
  [Aspect.MmsProgram]: define('mms.program', 'unauthorized-mms-program-access', 'number', 'text'),
  [Aspect.GooseSettings]: define('goose.settings', 'goose-message-type-settings', 'text', 'text'),
  [Aspect.SvSettings]: define('sv.settings', 'sampled-values-message-type-settings', 'text', 'text'),
  [Aspect.SshSession]: define('ssh.session', 'unauthorized-ssh-access'),
  [Aspect.OpcuaService]: define('opcua.service', 'unauthorized-opc-ua-request-response', 'number'),
  [Aspect.OpcuaActivity]: define('opcua.activity', 'unauthorized-opc-ua-activity', 'number', 'text'),
  [Aspect.ProfinetFrame]: define('profinet.frame', 'unauthorized-profinet-frame-type', 'number'),
  [Aspect.RpcInterface]: define('rpc.interface', 'new-activity-detected-unauthorized-rpc-message-type', 'text', 'number'),
  [Aspect.SnmpOperation]: define('snmp.operation', 'unauthorized-snmp-operation', 'number', 'text'),
  [Aspect.LldpConfiguration]: define('lldp.configuration', 'new-lldp-device-configuration', 'text', 'text', 'source'),
  [Aspect.FinsCommand]: define('fins.command', 'omron-fins-unauthorized-command', 'number'),
  [Aspect.S7PlusFunction]: define('s7comm-plus.function', 'unauthorized-siemens-s7-plus-operation', 'number'),
  [Aspect.S7PlusObject]: define('s7comm-plus.object', 'unauthorized-access-to-siemens-s7-plus-object', 'number', 'number'),
  [Aspect.S7PlusBlock]: define('s7comm-plus.block', 'unauthorized-siemens-s7-plus-block-access', 'number', 'number'),
  [SensorAspect.Asset]: define('device', 'new-asset-detected', 'none', 'none', 'source'),
  [SensorAspect.ListeningPort]: define('device.port', 'new-port-discovery', 'number', 'number', 'source'),
  [SensorAspect.GroupTraffic]: define('group-traffic', 'unauthorized-multicast-broadcast-connection', 'number', 'number'),
  [SensorAspect.Internet]: define('internet', 'unauthorized-internet-connectivity-detected'),
  [SensorAspect.Scanner]: define('device.scanner', 'port-scan-detected', 'none', 'none', 'source'),
  [SensorAspect.ProgrammingDevice]: define('device.programming', 'unauthorized-plc-programming', 'none', 'none', 'source'),
  [SensorAspect.ProgramUpload]: define('program.upload', 'unauthorized-plc-program-upload'),
  [SensorAspect.ConfigurationRead]: define('configuration.read', 'unauthorized-plc-configuration-read'),
  [SensorAspect.ConfigurationWrite]: define('configuration.write', 'unauthorized-plc-configuration-write', 'text'),
  [SensorAspect.Firmware]: define('device.firmware', 'firmware-version-changed', 'text', 'none', 'source'),
  [SensorAspect.ModbusFirmware]: define('modbus.firmware', 'modbus-firmware-version-changed', 'text', 'none', 'source'),
  [SensorAspect.HttpHeaderLength]: { ...define('http.header-length', 'abnormal-http-header-length', 'number'), range: true },
  [SensorAspect.HttpHeaderCount]: { ...define('http.header-count', 'abnormal-number-of-parameters-in-http-header', 'number'), range: true },
  [SensorAspect.ChannelRhythm]: define('channel.rhythm', 'abnormal-periodic-behavior-in-communication-channel', 'number'),
  [SensorAspect.ApplicationStops]: define('application.stops', 'abnormal-termination-of-applications'),
  [SensorAspect.TrafficVolume]: define('traffic.volume', 'abnormal-traffic-bandwidth', 'number', 'none', 'source'),
};

export const ASPECT_BY_NAME: ReadonlyMap<string, number> = new Map(
  Object.entries(ASPECTS).map(([number, definition]) => [definition.name, Number(number)]),
);
